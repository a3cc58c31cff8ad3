"""tanh for the sigmoid."""

TASK = "neuron"
CAUGHT_BY = ("neuron_probability",)

import numpy as np


def neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return np.tanh(z)
