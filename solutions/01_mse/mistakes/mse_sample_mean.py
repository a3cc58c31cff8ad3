"""Divided by n - 1, a habit from the sample variance; a lone sample is divided by 1."""

TASK = "mse"
CAUGHT_BY = ("mse_lecture_example", "mse_new_samples")

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return float(np.sum((y_true - y_pred) ** 2) / max(y_true.size - 1, 1))
