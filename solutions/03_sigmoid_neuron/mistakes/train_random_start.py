"""Starts from small random weights instead of zeros."""

TASK = "train_neuron"
CAUGHT_BY = (
    "train_first_steps",
    "train_losses",
    "train_settings",
    "train_kinds",
)

import numpy as np


def train_neuron(x, y, learning_rate, epochs):
    def cost(y, p):
        p = np.clip(p, 1e-7, 1 - 1e-7)
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w, b = np.random.default_rng().normal(0, 0.1, x.shape[1]), 0.0
    losses = []
    for _ in range(epochs):
        p = 0.5 * (1 + np.tanh((x @ w + b) / 2))
        losses.append(cost(y, p))
        error = p - y
        w, b = w - learning_rate * x.T @ error / len(y), b - learning_rate * np.mean(error)
    return w, b, losses
