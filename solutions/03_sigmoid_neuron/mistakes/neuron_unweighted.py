"""The inputs are added without their weights."""

TASK = "neuron"
CAUGHT_BY = (
    "neuron_probability",
    "neuron_only_sum",
)

import numpy as np


def neuron(x, w, b):
    z = np.sum(np.asarray(x, dtype=float), axis=-1) + b
    return 0.5 * (1 + np.tanh(z / 2))
