"""A Python loop that calls NumPy for one pair at a time."""

TASK = "mse_gradient"
CAUGHT_BY = ("gradient_many_points",)

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    gradient = np.zeros(y_true.size)
    for i in range(y_true.size):
        error = np.subtract(np.ravel(y_pred)[i], np.ravel(y_true)[i])
        gradient[i] = np.divide(np.multiply(2, error), np.size(y_true))
    return gradient
