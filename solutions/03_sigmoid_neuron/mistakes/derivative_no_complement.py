"""The factor 1 − σ is missing: the sigmoid itself."""

TASK = "sigmoid_derivative"
CAUGHT_BY = (
    "derivative_measured",
    "derivative_hill",
)

import numpy as np


def sigmoid_derivative(z):
    z = np.asarray(z, dtype=float)
    s = 0.5 * (1 + np.tanh(z / 2))
    return s
