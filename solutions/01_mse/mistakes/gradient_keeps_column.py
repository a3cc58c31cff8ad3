"""A column of predictions gives a column back, where a gradient of shape (n,) is asked for."""

TASK = "mse_gradient"
CAUGHT_BY = ("gradient_column_against_row",)

import numpy as np


def mse_gradient(y_true, y_pred):
    y_pred = np.asarray(y_pred, dtype=float)
    y_true = np.asarray(y_true, dtype=float).reshape(y_pred.shape)
    return 2 * (y_pred - y_true) / y_true.size
