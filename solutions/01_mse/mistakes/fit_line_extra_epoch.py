"""One epoch too many: range(epochs + 1)."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_first_steps", "fit_line_losses_before", "fit_line_obeys_settings")

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.ravel(np.asarray(x, dtype=float))
    y = np.ravel(np.asarray(y, dtype=float))
    w = b = 0.0
    losses = []
    for _ in range(epochs + 1):
        error = w * x + b - y
        losses.append(float(np.mean(error**2)))
        slope_w, slope_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - learning_rate * slope_w, b - learning_rate * slope_b
    return w, b, losses
