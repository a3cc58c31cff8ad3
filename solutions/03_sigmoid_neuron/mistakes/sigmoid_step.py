"""The step instead of the sigmoid."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.where(z >= 0, 1.0, 0.0)
