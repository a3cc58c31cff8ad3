"""Squared bias plus variance of the errors, flattened by reshape, checked by len."""

TASK = "mse"

import numpy as np


def mse(y_true, y_pred):
    y_true, y_pred = (np.array(y, dtype=np.float64).reshape(-1) for y in (y_true, y_pred))
    if len(y_true) != len(y_pred) or not len(y_true):
        raise ValueError("sizes")
    error = y_pred - y_true
    return error.var() + np.average(error) ** 2
