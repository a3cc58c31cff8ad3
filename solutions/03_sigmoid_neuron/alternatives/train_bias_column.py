"""The bias as the weight of a column of ones."""

TASK = "train_neuron"

import numpy as np
from scipy.special import expit


def train_neuron(x, y, learning_rate, epochs):
    table = np.column_stack([np.asarray(x, dtype=float), np.ones(len(x))])
    y = np.asarray(y, dtype=float)
    weights, losses = np.zeros(table.shape[1]), []
    for _ in range(epochs):
        z = table @ weights
        losses.append(np.mean(np.logaddexp(0, z) - y * z))
        weights = weights - learning_rate * (table * (expit(z) - y)[:, None]).mean(axis=0)
    return weights[:-1], weights[-1], np.array(losses)
