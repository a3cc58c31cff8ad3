"""A bell of the right height, e^(−z²)/4, but not the right width."""

TASK = "sigmoid_derivative"
CAUGHT_BY = ("derivative_measured",)

import numpy as np


def sigmoid_derivative(z):
    z = np.asarray(z, dtype=float)
    s = 0.5 * (1 + np.tanh(z / 2))
    return 0.25 * np.exp(-(z**2))
