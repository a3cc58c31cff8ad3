"""A single sample comes back as a table of one row, (1, units)."""

TASK = "dense"
CAUGHT_BY = ("dense_single_sample",)

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    return np.atleast_2d(x) @ w + b
