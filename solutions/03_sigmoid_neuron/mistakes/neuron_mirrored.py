"""The deck's sigmoid, 1/(1 + exp(z)), written out inside."""

TASK = "neuron"
CAUGHT_BY = ("neuron_probability",)

import numpy as np


def neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return 1 / (1 + np.exp(z))
