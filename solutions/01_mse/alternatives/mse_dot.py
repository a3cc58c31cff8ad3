"""The sum of squares as a dot product; returns a NumPy scalar."""

TASK = "mse"

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    error = y_true - y_pred
    return np.dot(error, error) / error.size
