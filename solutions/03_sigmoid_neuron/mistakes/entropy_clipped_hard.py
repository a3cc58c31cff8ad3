"""Clipped at 1 %: near-certain answers are judged alike."""

TASK = "binary_cross_entropy"
CAUGHT_BY = ("entropy_new_samples",)

import numpy as np


def binary_cross_entropy(y_true, p):
    y = np.asarray(y_true, dtype=float)
    p = np.clip(np.asarray(p, dtype=float), 0.01, 0.99)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
