"""The notebook's own matmul for both; a list of two comes back."""

TASK = "collapse"

import numpy as np


def collapse(w1, b1, w2, b2):
    bias = np.asarray(matmul(np.reshape(b1, (1, -1)), w2)).ravel() + np.asarray(b2)
    return [matmul(w1, w2), bias]
