"""Sums over axis 1: a single sample has none."""

TASK = "step_neuron"
CAUGHT_BY = ("step_sample_and_table",)

import numpy as np


def step_neuron(x, w, b):
    return (np.sum(np.asarray(x, dtype=float) * np.asarray(w), axis=1) + b >= 0).astype(int)
