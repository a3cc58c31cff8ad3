"""Only the lower end is clipped."""

TASK = "binary_cross_entropy"
CAUGHT_BY = ("entropy_certain",)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.asarray(y_true, dtype=float)
    p = np.maximum(np.asarray(p, dtype=float), 1e-7)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
