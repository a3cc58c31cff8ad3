"""Scaled to the interval from -1 to 1."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_unit_range", "min_max_flat_column")

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    low, high = x.min(axis=0), x.max(axis=0)
    return 2 * (x - low) / np.where(high == low, 1.0, high - low) - 1
