"""The loss is noted after the update instead of before it."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_losses_before",)

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.ravel(np.asarray(x, dtype=float))
    y = np.ravel(np.asarray(y, dtype=float))
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * x + b - y
        slope_w, slope_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - learning_rate * slope_w, b - learning_rate * slope_b
        losses.append(float(np.mean((w * x + b - y) ** 2)))
    return w, b, losses
