"""Calls the notebook's own sigmoid."""

TASK = "neuron"

import numpy as np


def neuron(x, w, b):
    return sigmoid(np.dot(x, w) + b)
