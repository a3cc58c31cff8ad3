"""The bias as one more row of weights, met by an input that is always 1."""

TASK = "dense"

import numpy as np


def dense(x, w, b):
    x = np.asarray(x, dtype=float)
    extended = np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)
    return np.dot(extended, np.vstack([w, b]))
