"""The core: every truth of the business, told domain by domain."""
