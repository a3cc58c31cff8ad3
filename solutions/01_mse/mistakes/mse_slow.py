"""A Python loop that calls NumPy for one pair at a time."""

TASK = "mse"
CAUGHT_BY = ("mse_many_points",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    total = 0.0
    for i in range(y_true.size):
        error = np.subtract(np.ravel(y_true)[i], np.ravel(y_pred)[i])
        total = np.add(total, np.power(error, 2))
    return float(total / y_true.size)
