"""np.dot(w, x): right for one sample, a table does not fit."""

TASK = "step_neuron"
CAUGHT_BY = ("step_sample_and_table",)

import numpy as np


def step_neuron(x, w, b):
    return 1 if np.dot(w, x) + b >= 0 else 0
