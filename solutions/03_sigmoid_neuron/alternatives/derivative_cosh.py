"""1/(2 + 2 cosh z), the same hill."""

TASK = "sigmoid_derivative"

import numpy as np


def sigmoid_derivative(z):
    return 1 / (2 + 2 * np.cosh(np.asarray(z, dtype=float)))
