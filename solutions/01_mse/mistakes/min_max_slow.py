"""Two Python loops that scale one value at a time."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_many_values",)

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    result = np.zeros(x.shape)
    for j in range(x.shape[1]):
        low, span = x[:, j].min(), np.ptp(x[:, j])
        for i in range(x.shape[0]):
            shifted = np.subtract(np.asarray(x)[i, j], low)
            result[i, j] = np.divide(shifted, np.where(np.equal(span, 0), 1.0, span))
    return result
