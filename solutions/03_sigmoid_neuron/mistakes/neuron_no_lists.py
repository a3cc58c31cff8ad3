"""The transpose of a list does not exist: only arrays will do."""

TASK = "neuron"
CAUGHT_BY = ("neuron_sample_and_table",)

import numpy as np


def neuron(x, w, b):
    z = w.dot(x.T) + b
    return 0.5 * (1 + np.tanh(z / 2))
