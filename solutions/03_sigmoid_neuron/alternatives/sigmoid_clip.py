"""Clipped where the sigmoid is flat anyway."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    limited = np.clip(np.asarray(z, dtype=float), -500, 500)
    return 1.0 / (1.0 + np.exp(-limited))
