"""The gradient of the sum of the squares: not divided by n."""

TASK = "mse_gradient"
CAUGHT_BY = ("gradient_lecture_example", "gradient_measured_slope")

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    return 2 * (y_pred - y_true)
