"""The mirrored S again, clipped so that nothing overflows."""

TASK = "sigmoid"
CAUGHT_BY = (
    "sigmoid_values",
    "sigmoid_rising_symmetric",
)

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return 1 / (1 + np.exp(np.clip(z, -500, 500)))
