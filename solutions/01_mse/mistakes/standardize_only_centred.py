"""The mean is subtracted, the division by the deviation is forgotten."""

TASK = "standardize"
CAUGHT_BY = ("standardize_spread",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    return x - x.mean(axis=0)
