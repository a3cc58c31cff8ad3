"""The formula as the lecture slide has it: (X - Xmin) / (X - Xmax)."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_unit_range", "min_max_flat_column")

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    return (x - x.min(axis=0)) / (x - x.max(axis=0))
