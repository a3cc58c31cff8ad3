"""e^z / (1 + e^z) everywhere: infinity over infinity is nan."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_huge",)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z) / (1 + np.exp(z))
