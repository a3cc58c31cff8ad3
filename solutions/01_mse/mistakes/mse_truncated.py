"""Samples of different size are cut to the shorter one, as zip does."""

TASK = "mse"
CAUGHT_BY = ("mse_refuses_sizes",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    n = min(y_true.size, y_pred.size)
    if n == 0:
        raise ValueError("A sample is needed.")
    return float(np.mean((y_true[:n] - y_pred[:n]) ** 2))
