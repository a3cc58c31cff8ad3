"""The bias is forgotten."""

TASK = "dense"
CAUGHT_BY = ("dense_batch_values", "dense_zero_input")

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    return x @ w
