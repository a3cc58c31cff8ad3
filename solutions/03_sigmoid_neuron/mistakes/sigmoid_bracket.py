"""The brackets of the denominator are missing: 1/1 + exp(−z)."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
    "sigmoid_huge",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return 1 / 1 + np.exp(-z)
