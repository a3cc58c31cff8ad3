"""Assumes arrays: a list is never converted and w * x fails."""

TASK = "fit_line"
CAUGHT_BY = ("fit_line_column_against_row",)

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = x.astype(float).ravel()
    y = y.astype(float).ravel()
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * x + b - y
        losses.append(float(np.mean(error**2)))
        slope_w, slope_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - learning_rate * slope_w, b - learning_rate * slope_b
    return w, b, losses
