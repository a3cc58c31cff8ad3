"""Answers 1 and −1."""

TASK = "step_neuron"
CAUGHT_BY = ("step_both_sides",)

import numpy as np


def step_neuron(x, w, b):
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return np.where(z >= 0, 1, -1)
