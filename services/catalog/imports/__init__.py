"""Bringing a menu in: readers of the files that partners have, the job that applies them, feeds, and the way out."""
