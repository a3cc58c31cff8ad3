"""np.where with both formulas as they stand: the branch that is not used overflows."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_huge",)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
