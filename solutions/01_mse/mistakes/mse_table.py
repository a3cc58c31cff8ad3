"""A column (n, 1) against a vector (n,) is broadcast to an n x n table of all pairs."""

TASK = "mse"
CAUGHT_BY = ("mse_column_against_row",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return float(np.mean((y_true - y_pred) ** 2))
