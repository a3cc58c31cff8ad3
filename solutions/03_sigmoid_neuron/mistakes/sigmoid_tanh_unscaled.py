"""(1 + tanh(z))/2: twice as steep, the z/2 is missing."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_values",)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return (1 + np.tanh(z)) / 2
