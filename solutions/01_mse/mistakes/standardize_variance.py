"""Divided by the variance instead of its root."""

TASK = "standardize"
CAUGHT_BY = ("standardize_spread",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    variance = x.var(axis=0)
    return (x - x.mean(axis=0)) / np.where(variance == 0, 1.0, variance)
