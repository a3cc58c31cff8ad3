"""True and False, which are 1 and 0."""

TASK = "step_neuron"

import numpy as np


def step_neuron(x, w, b):
    return np.dot(x, w) >= -b
