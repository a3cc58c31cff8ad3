"""The weights are transposed: the convention of books that write W x + b."""

TASK = "dense"
CAUGHT_BY = ("dense_batch_values",)

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    return x @ w.T + b
