"""The formula in terms of the output, fed with z itself."""

TASK = "sigmoid_derivative"
CAUGHT_BY = (
    "derivative_measured",
    "derivative_hill",
)

import numpy as np


def sigmoid_derivative(z):
    z = np.asarray(z, dtype=float)
    s = 0.5 * (1 + np.tanh(z / 2))
    return z * (1 - z)
