"""Only w is learned; b stays at 0."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_first_steps", "fit_line_finds_line")

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.ravel(np.asarray(x, dtype=float))
    y = np.ravel(np.asarray(y, dtype=float))
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * x + b - y
        losses.append(float(np.mean(error**2)))
        slope_w = 2 * np.mean(error * x)
        w, b = w - learning_rate * slope_w, b
    return w, b, losses
