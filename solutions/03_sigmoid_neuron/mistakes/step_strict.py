"""Strict >: the border itself is answered with 0."""

TASK = "step_neuron"
CAUGHT_BY = ("step_on_border",)

import numpy as np


def step_neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return 1 * (z > 0)
