"""The bias is forgotten."""

TASK = "step_neuron"
CAUGHT_BY = (
    "step_both_sides",
    "step_on_border",
)

import numpy as np


def step_neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return 1 * (z - b >= 0)
