"""By way of log(1 + e^(−z))."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))
