"""Calls the notebook's own mse and mse_gradient and passes the data on as they come."""

TASK = "fit_line"

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x = np.asarray(x, dtype=float)
    w = b = 0.0
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        predicted = w * x + b
        losses[epoch] = mse(y, predicted)
        gradient = mse_gradient(y, predicted)
        w, b = w - learning_rate * np.sum(gradient * x.ravel()), b - learning_rate * np.sum(gradient)
    return w, b, losses
