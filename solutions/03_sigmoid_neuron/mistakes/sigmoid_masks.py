"""Masks on the array as it comes: neither lists nor single numbers, and integers are truncated."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_any_shape",)

import numpy as np


def sigmoid(z):
    p = np.empty_like(z)
    p[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    small = np.exp(z[z < 0])
    p[z < 0] = small / (1 + small)
    return p
