"""Sample by sample instead of the full batch."""

TASK = "train_neuron"
CAUGHT_BY = ("train_first_steps",)

import numpy as np


def train_neuron(x, y, learning_rate, epochs):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w, b = np.zeros(x.shape[1]), 0.0
    losses = []
    for _ in range(epochs):
        z = x @ w + b
        losses.append(float(np.mean(np.logaddexp(0, z) - y * z)))
        for row, truth in zip(x, y, strict=True):
            error = 0.5 * (1 + np.tanh((row @ w + b) / 2)) - truth
            w, b = w - learning_rate * error * row, b - learning_rate * error
    return w, b, losses
