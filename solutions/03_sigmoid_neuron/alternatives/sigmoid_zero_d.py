"""A zero-dimensional array for a number, float32 inside."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    half = np.asarray(z, dtype="float32") / 2
    return np.array((np.tanh(half) + 1) / 2)
