"""The mean is taken over axis 0 of columns: an array of one element comes back, no number."""

TASK = "mse"
CAUGHT_BY = ("mse_column_against_row",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return np.mean((y_true.reshape(y_pred.shape) - y_pred) ** 2, axis=0)
