"""Two formulas on two masks."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    flat = z.reshape(-1)
    result = np.empty(flat.shape)
    right = flat >= 0
    result[right] = 1 / (1 + np.exp(-flat[right]))
    grown = np.exp(flat[~right])
    result[~right] = grown / (1 + grown)
    return result.reshape(z.shape) if z.ndim else result[0]
