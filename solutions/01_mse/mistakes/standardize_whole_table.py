"""One mean and one deviation for the whole table instead of one per column."""

TASK = "standardize"
CAUGHT_BY = ("standardize_centre", "standardize_spread", "standardize_flat_column")

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    deviation = x.std()
    return (x - x.mean()) / (deviation if deviation else 1.0)
