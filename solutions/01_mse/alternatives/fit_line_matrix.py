"""One matrix formulation for both parameters; w, b and losses come back as arrays."""

TASK = "fit_line"

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    design = np.stack([np.ravel(x), np.ones(np.size(x))], axis=1)
    target = np.reshape(y, (-1, 1))
    theta, losses = np.zeros((2, 1)), np.empty((epochs,))
    for epoch in range(epochs):
        residual = design @ theta - target
        losses[epoch] = np.mean(residual**2)
        theta = theta - learning_rate * 2 / len(target) * design.T @ residual
    return theta[0], theta[1], losses
