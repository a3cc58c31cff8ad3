"""An epsilon inside the logarithms."""

TASK = "binary_cross_entropy"

import numpy as np


def binary_cross_entropy(y_true, p):
    y, p = np.array(y_true), np.array(p)
    return np.mean(-y * np.log(p + 1e-8) - (1 - y) * np.log(1 - p + 1e-8))
