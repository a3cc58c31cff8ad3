"""A binomial mask times the scale; the input itself in prediction."""

TASK = "dropout"

import numpy as np


def dropout(x, rate, training, rng):
    if not training:
        return x
    if rate < 0 or rate >= 1:
        raise ValueError(f"bad rate {rate}")
    kept = 1 - rate
    mask = rng.binomial(1, kept, size=np.shape(x))
    return mask * np.asarray(x) / kept
