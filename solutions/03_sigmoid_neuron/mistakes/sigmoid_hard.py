"""The "hard" sigmoid: straight between −2.5 and 2.5, flat outside."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.clip(0.2 * z + 0.5, 0, 1)
