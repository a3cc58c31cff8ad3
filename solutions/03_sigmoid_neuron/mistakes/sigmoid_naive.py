"""The right formula as it stands: exp(−z) overflows for large negative z."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_huge",)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return 1 / (1 + np.exp(-z))
