"""One number, the mean slope, instead of one component per prediction."""

TASK = "mse_gradient"
CAUGHT_BY = (
    "gradient_lecture_example",
    "gradient_measured_slope",
    "gradient_column_against_row",
    "gradient_integer_samples",
    "gradient_many_points",
)

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    return float(np.mean(2 * (y_pred - y_true)))
