"""Comes back as a list; the factor is applied first."""

TASK = "mse_gradient"

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    factor = 2 / len(y_pred)
    return (factor * y_pred - factor * y_true).tolist()
