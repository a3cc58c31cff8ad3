"""The survivors are divided by rate."""

TASK = "dropout"
CAUGHT_BY = ("survivors_keep_the_mean",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return np.where(rng.random(x.shape) >= rate, x / rate if rate else x, 0)
