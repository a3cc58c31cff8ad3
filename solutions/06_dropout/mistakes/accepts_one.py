"""rate=1 goes through."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)

import numpy as np


def dropout(x, rate, training, rng):
    if rate < 0 or rate > 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = rng.random(x.shape) >= rate
    return np.where(keep, x / max(1 - rate, 1e-9), 0.0)
