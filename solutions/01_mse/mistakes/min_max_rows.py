"""Wrong axis: every row is scaled instead of every column."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_unit_range", "min_max_flat_column")

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    low = x.min(axis=1, keepdims=True)
    span = x.max(axis=1, keepdims=True) - low
    return (x - low) / np.where(span == 0, 1.0, span)
