"""learning_rate is ignored: the step is written into the code."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_first_steps", "fit_line_finds_line", "fit_line_obeys_settings")

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.ravel(np.asarray(x, dtype=float))
    y = np.ravel(np.asarray(y, dtype=float))
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * x + b - y
        losses.append(float(np.mean(error**2)))
        slope_w, slope_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - 0.01 * slope_w, b - 0.01 * slope_b
    return w, b, losses
