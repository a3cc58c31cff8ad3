"""The warning is switched off, the nan stays."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_huge",)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))
