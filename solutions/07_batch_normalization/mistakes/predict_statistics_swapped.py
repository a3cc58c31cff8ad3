"""Moving mean and variance swapped."""

TASK = "batch_norm_inference"
CAUGHT_BY = ("predict_moving",)

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x, gamma, beta = np.asarray(x, dtype=float), np.asarray(gamma), np.asarray(beta)
    moving_mean, moving_var = np.asarray(moving_mean, dtype=float), np.asarray(moving_var, dtype=float)
    return gamma * (x - moving_var) / np.sqrt(np.abs(moving_mean) + epsilon) + beta
