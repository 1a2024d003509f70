"""A day that is played through, so that every shipped operation is said at least once and its answer can be written down."""
