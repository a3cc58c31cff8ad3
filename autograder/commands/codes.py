"""Exit codes, as the README promises them."""

DONE, NOT_GRADED, USAGE, INTERRUPTED = 0, 1, 2, 130
