"""Clipped by 1e-20: 1 − 1e-20 is 1, so the upper end stays open."""

TASK = "binary_cross_entropy"
CAUGHT_BY = ("entropy_certain",)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.asarray(y_true, dtype=float)
    p = np.clip(np.asarray(p, dtype=float), 1e-20, 1 - 1e-20)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
