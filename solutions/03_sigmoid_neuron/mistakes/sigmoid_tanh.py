"""The hyperbolic tangent, from −1 to 1."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.tanh(z)
