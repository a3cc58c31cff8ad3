"""Two Python loops that standardise one value at a time."""

TASK = "standardize"
CAUGHT_BY = ("standardize_many_values",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    result = np.zeros(x.shape)
    for j in range(x.shape[1]):
        centre, spread = x[:, j].mean(), x[:, j].std()
        for i in range(x.shape[0]):
            shifted = np.subtract(np.asarray(x)[i, j], centre)
            result[i, j] = np.divide(shifted, np.where(np.equal(spread, 0), 1.0, spread))
    return result
