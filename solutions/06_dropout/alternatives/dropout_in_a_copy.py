"""Zeros written into a copy."""

TASK = "dropout"

import numpy as np


def dropout(x, rate, training, rng):
    x = np.array(x, dtype=float)
    if rate < 0:
        raise ValueError("negative rate")
    if rate >= 1:
        raise ValueError("rate of 1 or more")
    if training:
        x[rng.uniform(size=x.shape) < rate] = 0
        x /= 1 - rate
    return x
