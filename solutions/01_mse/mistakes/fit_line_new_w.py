"""b is updated with the w that has just been changed."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_first_steps",)

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.ravel(np.asarray(x, dtype=float))
    y = np.ravel(np.asarray(y, dtype=float))
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * x + b - y
        losses.append(float(np.mean(error**2)))
        w = w - learning_rate * 2 * np.mean(error * x)
        error = w * x + b - y
        b = b - learning_rate * 2 * np.mean(error)
    return w, b, losses
