"""The bias of a batch is added along the wrong axis: one per sample."""

TASK = "dense"
CAUGHT_BY = ("dense_batch_values", "dense_zero_input", "dense_batch_of_one")

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    if x.ndim == 1:
        return x @ w + b
    return x @ w + b[:, None]
