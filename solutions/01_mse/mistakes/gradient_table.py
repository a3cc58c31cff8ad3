"""A column (n, 1) against a vector (n,) is broadcast to an n x n table."""

TASK = "mse_gradient"
CAUGHT_BY = ("gradient_column_against_row",)

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    return 2 * (y_pred - y_true) / y_true.size
