"""The sigmoid of every product, added up afterwards."""

TASK = "neuron"
CAUGHT_BY = (
    "neuron_probability",
    "neuron_only_sum",
)

import numpy as np


def neuron(x, w, b):
    z = np.asarray(x, dtype=float) * np.asarray(w, dtype=float)
    return np.sum(0.5 * (1 + np.tanh(z / 2)), axis=-1) + b
