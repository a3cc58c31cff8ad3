"""Calls the notebook's own matmul, with a row for a single sample."""

TASK = "dense"

import numpy as np


def dense(x, w, b):
    x = np.asarray(x, dtype=float)
    if x.ndim == 1:
        return np.asarray(matmul(x[None, :], w))[0] + np.asarray(b)
    return np.asarray(matmul(x, w)) + np.asarray(b)
