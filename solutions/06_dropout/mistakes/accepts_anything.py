"""The rate is not looked at."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)

import numpy as np


def dropout(x, rate, training, rng):
    if not training:
        return x
    return np.where(rng.random(x.shape) >= rate, x / (1 - rate) if rate != 1 else x, 0.0)
