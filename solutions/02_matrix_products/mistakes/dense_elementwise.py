"""The sample times the diagonal of the weights, cell by cell."""

TASK = "dense"
CAUGHT_BY = ("dense_batch_values",)

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    return x * np.diag(w) + b
