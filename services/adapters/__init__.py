"""One file per outside system: the real one, and the local one that stands in for it in development."""
