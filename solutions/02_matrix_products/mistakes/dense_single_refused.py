"""A single sample ends in an error: the batch axis is unpacked."""

TASK = "dense"
CAUGHT_BY = ("dense_single_sample",)

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    n, _ = x.shape
    result = np.zeros((n, len(b)))
    for i in range(n):
        result[i] = x[i] @ w + b
    return result
