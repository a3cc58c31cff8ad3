"""np.random in place of rng."""

TASK = "dropout"
CAUGHT_BY = ("chance_from_rng",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x * (np.random.random(x.shape) >= rate) / (1 - rate)
