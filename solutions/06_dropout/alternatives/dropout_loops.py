"""One coin after the other, lists returned."""

TASK = "dropout"

import numpy as np


def dropout(x, rate, training, rng):
    def one(value):
        return 0.0 if rng.random() < rate else value / (1 - rate)

    if not (rate >= 0 and rate < 1):
        raise ValueError("rate")
    if not training:
        return np.array(x).tolist()
    if np.ndim(x) == 1:
        return [one(value) for value in x]
    return [[one(value) for value in row] for row in x]
