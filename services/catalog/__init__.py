"""The catalogue: what stores sell, how it may be configured, and what is left of it."""
