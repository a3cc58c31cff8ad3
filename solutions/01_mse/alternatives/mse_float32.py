"""Computed in single precision, returned as a 0-d array."""

TASK = "mse"

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=np.float32))
    y_pred = np.ravel(np.asarray(y_pred, dtype=np.float32))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return np.asarray(np.mean(np.square(y_pred - y_true)))
