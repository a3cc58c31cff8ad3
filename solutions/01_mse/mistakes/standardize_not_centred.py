"""Divided by the deviation, but the mean is never subtracted."""

TASK = "standardize"
CAUGHT_BY = ("standardize_centre", "standardize_flat_column")

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    deviation = x.std(axis=0)
    return x / np.where(deviation == 0, 1.0, deviation)
