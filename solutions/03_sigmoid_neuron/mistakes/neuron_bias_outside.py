"""The bias is added after the sigmoid."""

TASK = "neuron"
CAUGHT_BY = (
    "neuron_probability",
    "neuron_only_sum",
)

import numpy as np


def neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return 0.5 * (1 + np.tanh((z - b) / 2)) + b
