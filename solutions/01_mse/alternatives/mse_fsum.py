"""The standard library's exact sum over the squares."""

TASK = "mse"

import math

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return math.fsum(np.square(y_true - y_pred).tolist()) / y_true.size
