"""A column (n, 1) instead of (n,)."""

TASK = "step_neuron"
CAUGHT_BY = ("step_sample_and_table",)

import numpy as np


def step_neuron(x, w, b):
    z = np.atleast_2d(np.asarray(x, dtype=float)) @ np.reshape(np.asarray(w, dtype=float), (-1, 1)) + b
    return (z >= 0).astype(int)
