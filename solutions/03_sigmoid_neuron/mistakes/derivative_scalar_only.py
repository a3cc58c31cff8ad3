"""Python's math: arrays fail."""

TASK = "sigmoid_derivative"
CAUGHT_BY = ("derivative_any_shape",)

import math


def sigmoid_derivative(z):
    s = 0.5 * (1 + math.tanh(z / 2))
    return s * (1 - s)
