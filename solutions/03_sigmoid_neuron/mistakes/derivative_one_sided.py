"""The exponent sits wrong: e^z/(1 + e^−z)², right only at 0."""

TASK = "sigmoid_derivative"
CAUGHT_BY = (
    "derivative_measured",
    "derivative_hill",
)

import numpy as np


def sigmoid_derivative(z):
    z = np.asarray(z, dtype=float)
    s = 0.5 * (1 + np.tanh(z / 2))
    return np.exp(z) / (1 + np.exp(-z)) ** 2
