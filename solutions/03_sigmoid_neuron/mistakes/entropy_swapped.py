"""The logarithm is taken of the truth, not of the probability."""

TASK = "binary_cross_entropy"
CAUGHT_BY = (
    "entropy_by_hand",
    "entropy_new_samples",
    "entropy_surprise",
)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.clip(np.asarray(y_true, dtype=float), 1e-7, 1 - 1e-7)
    p = np.asarray(p, dtype=float)
    return float(-np.mean(p * np.log(y) + (1 - p) * np.log(1 - y)))
