"""One row at a time."""

TASK = "dropout"

import numpy as np


def dropout(x, rate, training, rng):
    if training and not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return np.asarray(x)
    flat = np.asarray(x, dtype=float).ravel()
    scaled = np.multiply(flat, np.reciprocal(1.0 - rate))
    alive = np.greater_equal(rng.random(flat.size), rate)
    return np.multiply(scaled, alive).reshape(np.shape(x))
