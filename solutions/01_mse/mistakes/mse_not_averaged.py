"""The squares themselves are returned, one per sample, instead of their mean."""

TASK = "mse"
CAUGHT_BY = (
    "mse_lecture_example",
    "mse_new_samples",
    "mse_quadratic_law",
    "mse_column_against_row",
    "mse_integer_samples",
    "mse_many_points",
)

import numpy as np


def mse(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    if y_true.size == 0 or y_true.size != y_pred.size:
        raise ValueError("Two samples of the same size are needed.")
    return (y_true - y_pred) ** 2
