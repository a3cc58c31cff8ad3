"""rate taken for the probability of surviving, throughout."""

TASK = "dropout"
CAUGHT_BY = ("share_switched_off",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = rng.random(x.shape) < rate
    return np.where(keep, x / max(rate, 1e-6), 0)
