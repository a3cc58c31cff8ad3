"""np.where for the exponents, so that no branch overflows."""

TASK = "sigmoid"

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    above = np.exp(np.where(z < 0, z, 0.0))
    return above / (above + np.exp(-np.where(z < 0, 0.0, z)))
