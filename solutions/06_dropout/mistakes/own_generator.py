"""A generator of its own, always with the same seed."""

TASK = "dropout"
CAUGHT_BY = ("chance_from_rng",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    rng = np.random.default_rng(0)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
