"""Works on the caller's own array: np.asarray makes no copy, and -= writes over it."""

TASK = "min_max_scale"
CAUGHT_BY = ("min_max_input_untouched",)

import numpy as np


def min_max_scale(x):
    x = np.asarray(x, dtype=float)
    x -= x.min(axis=0)
    high = x.max(axis=0)
    x /= np.where(high == 0, 1.0, high)
    return x
