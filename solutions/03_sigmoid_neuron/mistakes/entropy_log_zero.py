"""Nothing is clipped: infinite or nan at p = 0 and p = 1."""

TASK = "binary_cross_entropy"
CAUGHT_BY = ("entropy_certain",)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.asarray(y_true, dtype=float)
    p = np.asarray(p, dtype=float)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
