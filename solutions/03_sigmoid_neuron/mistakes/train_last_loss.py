"""Only the last loss is returned."""

TASK = "train_neuron"
CAUGHT_BY = (
    "train_losses",
    "train_settings",
)

import numpy as np


def train_neuron(x, y, learning_rate, epochs):
    def cost(y, p):
        p = np.clip(p, 1e-7, 1 - 1e-7)
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w, b = np.zeros(x.shape[1]), 0.0
    losses = []
    for _ in range(epochs):
        p = 0.5 * (1 + np.tanh((x @ w + b) / 2))
        losses.append(cost(y, p))
        error = p - y
        w, b = w - learning_rate * x.T @ error / len(y), b - learning_rate * np.mean(error)
    return w, b, losses[-1:] * 2
