"""A batch of one sample, or a layer of one neuron, loses an axis."""

TASK = "dense"
CAUGHT_BY = ("dense_batch_of_one",)

import numpy as np


def dense(x, w, b):
    x, w, b = np.asarray(x, dtype=float), np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    if x.ndim == 1:
        return x @ w + b
    return np.squeeze(x @ w + b)
