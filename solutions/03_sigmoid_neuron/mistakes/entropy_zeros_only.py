"""Only the term (1 − y)·log(1 − p)."""

TASK = "binary_cross_entropy"
CAUGHT_BY = (
    "entropy_by_hand",
    "entropy_new_samples",
    "entropy_surprise",
)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.asarray(y_true, dtype=float)
    p = np.clip(np.asarray(p, dtype=float), 1e-7, 1 - 1e-7)
    return float(-np.mean((1 - y) * np.log(1 - p)))
