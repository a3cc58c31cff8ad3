"""Division by zero: a constant column becomes nan."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_flat_column",)

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    return (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
