"""The deck's formula: exp(z) without its minus gives the mirrored S, and it overflows."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
    "sigmoid_huge",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return 1 / (1 + np.exp(z))
