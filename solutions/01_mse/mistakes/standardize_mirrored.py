"""The value is subtracted from the mean, so that large becomes small."""

TASK = "standardize"
CAUGHT_BY = ("standardize_centre",)

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    deviation = x.std(axis=0)
    return (x.mean(axis=0) - x) / np.where(deviation == 0, 1.0, deviation)
