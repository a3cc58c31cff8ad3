"""Small integers are never converted to float: uint8 wraps around in the difference and in the square."""

TASK = "mse"
CAUGHT_BY = ("mse_integer_samples",)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true))
    y_pred = np.ravel(np.asarray(y_pred))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return float(np.mean((y_true - y_pred) ** 2))
