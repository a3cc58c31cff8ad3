"""np.atleast_1d: a single number comes back as an array of one element."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_any_shape",)

import numpy as np


def sigmoid(z):
    z = np.atleast_1d(np.asarray(z, dtype=float))
    return 0.5 * (1 + np.tanh(z / 2))
