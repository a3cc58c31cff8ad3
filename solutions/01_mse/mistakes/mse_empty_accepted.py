"""An empty sample is taken for a perfect prediction."""

TASK = "mse"
CAUGHT_BY = ("mse_refuses_empty",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return float(np.mean((y_true - y_pred) ** 2)) if y_true.size else 0.0
