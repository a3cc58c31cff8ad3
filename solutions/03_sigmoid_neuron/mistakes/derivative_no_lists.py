"""A list cannot be divided: only arrays and numbers will do."""

TASK = "sigmoid_derivative"
CAUGHT_BY = ("derivative_any_shape",)

import numpy as np


def sigmoid_derivative(z):
    s = 0.5 * (1 + np.tanh(z / 2))
    return s * (1 - s)
