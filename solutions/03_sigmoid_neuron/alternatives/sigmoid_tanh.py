"""By way of tanh, which never overflows."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(np.asarray(z, dtype=float) / 2)
