"""The right answer, but the moving statistics are updated in the caller's arrays."""

TASK = "batch_norm_inference"
CAUGHT_BY = ("predict_untouched",)

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x, gamma, beta = np.asarray(x, dtype=float), np.asarray(gamma), np.asarray(beta)
    moving_mean, moving_var = np.asarray(moving_mean, dtype=float), np.asarray(moving_var, dtype=float)
    y = gamma * (x - moving_mean) / np.sqrt(moving_var + epsilon) + beta
    moving_mean *= 0.99
    moving_mean += 0.01 * x.mean(axis=0)
    return y
