"""Small integers are subtracted before they are converted: 3 - 5 becomes 254."""

TASK = "mse_gradient"
CAUGHT_BY = ("gradient_integer_samples",)

import numpy as np


def mse_gradient(y_true, y_pred):
    error = np.ravel(np.asarray(y_pred)) - np.ravel(np.asarray(y_true))
    return 2.0 * error.astype(float) / error.size
