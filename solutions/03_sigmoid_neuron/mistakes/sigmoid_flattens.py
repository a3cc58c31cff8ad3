"""Everything is flattened and stays so."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_any_shape",)

import numpy as np


def sigmoid(z):
    flat = 0.5 * (1 + np.tanh(np.ravel(np.asarray(z, dtype=float)) / 2))
    return flat if np.ndim(z) else float(flat[0])
