"""Division by zero: a constant column becomes nan."""

TASK = "standardize"
CAUGHT_BY = ("standardize_flat_column",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    return (x - x.mean(axis=0)) / x.std(axis=0)
