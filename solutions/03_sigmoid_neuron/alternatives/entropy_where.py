"""Only the term that applies."""

TASK = "binary_cross_entropy"

import numpy as np


def binary_cross_entropy(y_true, p):
    p = np.asarray(p, dtype=float)
    chance = np.where(np.asarray(y_true) == 1, p, 1 - p)
    return -np.log(np.maximum(chance, 1e-12)).mean()
