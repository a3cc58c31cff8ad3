"""The quotient rule as it stands."""

TASK = "sigmoid_derivative"

import numpy as np


def sigmoid_derivative(z):
    e = np.exp(-np.asarray(z, dtype=float))
    return e / (1 + e) ** 2
