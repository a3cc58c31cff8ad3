"""1 − y with a list for y: only arrays will do."""

TASK = "binary_cross_entropy"
CAUGHT_BY = ("entropy_by_hand",)

import numpy as np


def binary_cross_entropy(y_true, p):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return float(np.mean(np.log(p) * -y_true - np.log(1 - p) * (1 - y_true)))
