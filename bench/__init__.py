"""What we are fast at, measured beside what we could be."""
