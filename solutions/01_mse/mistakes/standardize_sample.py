"""The sample deviation (n - 1) instead of the population deviation."""

TASK = "standardize"
CAUGHT_BY = ("standardize_spread",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    deviation = x.std(axis=0, ddof=1)
    return (x - x.mean(axis=0)) / np.where(deviation == 0, 1.0, deviation)
