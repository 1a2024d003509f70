"""One straight history of SQL, written by hand, and the runner that applies it."""
