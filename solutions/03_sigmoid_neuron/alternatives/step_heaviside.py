"""np.heaviside with 1 at zero."""

TASK = "step_neuron"

import numpy as np


def step_neuron(x, w, b):
    return np.heaviside(np.dot(x, w) + b, 1.0)
