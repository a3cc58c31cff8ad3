"""w·x with the weights first: a table does not fit."""

TASK = "neuron"
CAUGHT_BY = ("neuron_sample_and_table",)

import numpy as np


def neuron(x, w, b):
    z = np.dot(np.asarray(w, dtype=float), np.asarray(x, dtype=float)) + b
    return 0.5 * (1 + np.tanh(z / 2))
