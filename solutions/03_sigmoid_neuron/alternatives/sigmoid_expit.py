"""SciPy's own."""

TASK = "sigmoid"

import numpy as np
from scipy.special import expit


def sigmoid(z):
    return expit(np.asarray(z, dtype=float))
