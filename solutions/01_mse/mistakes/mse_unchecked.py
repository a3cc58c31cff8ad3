"""No check of the sizes at all: nan for nothing, and a single value is repeated in silence."""

TASK = "mse"
CAUGHT_BY = ("mse_refuses_empty", "mse_refuses_sizes")

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    return float(np.mean((y_true - y_pred) ** 2))
