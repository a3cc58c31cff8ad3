"""The derivative of every square by the complex step, without the formula 2/n."""

TASK = "mse_gradient"

import numpy as np


def mse_gradient(y_true, y_pred):
    y_true = np.ravel(np.asarray(y_true, dtype=float))
    y_pred = np.ravel(np.asarray(y_pred, dtype=float))
    step = 1e-20
    return np.imag((y_pred + 1j * step - y_true) ** 2) / step / y_true.size
