"""Wrong axis: every row is standardised instead of every column."""

TASK = "standardize"
CAUGHT_BY = ("standardize_centre", "standardize_spread", "standardize_flat_column")

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    deviation = x.std(axis=1, keepdims=True)
    return (x - x.mean(axis=1, keepdims=True)) / np.where(deviation == 0, 1.0, deviation)
