"""The chain rule in full, factor by factor, before anything cancels."""

TASK = "train_neuron"

import numpy as np


def train_neuron(x, y, learning_rate, epochs):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        p = np.clip(1 / (1 + np.exp(-(x @ w + b))), 1e-7, 1 - 1e-7)
        losses += [-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))]
        slope = ((1 - y) / (1 - p) - y / p) * (p * (1 - p))
        w, b = w - learning_rate * np.mean(slope[:, None] * x, axis=0), b - learning_rate * np.mean(slope)
    return w, b, losses
