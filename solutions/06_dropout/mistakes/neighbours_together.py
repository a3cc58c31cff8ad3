"""One coin per pair of neighbouring columns."""

TASK = "dropout"
CAUGHT_BY = ("each_element_alone",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    width = x.shape[-1]
    coins = rng.random((*x.shape[:-1], (width + 1) // 2)) >= rate
    return x * np.repeat(coins, 2, axis=-1)[..., :width] / (1 - rate)
