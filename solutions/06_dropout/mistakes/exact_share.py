"""Always switches off the same number of elements."""

TASK = "dropout"
CAUGHT_BY = ("each_element_alone",)

import numpy as np


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = np.ones(x.size)
    keep[: round(rate * x.size)] = 0
    return x * rng.permutation(keep).reshape(x.shape) / (1 - rate)
