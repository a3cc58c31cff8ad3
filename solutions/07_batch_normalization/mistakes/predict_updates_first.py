"""The moving statistics updated with the batch before they are used."""

TASK = "batch_norm_inference"
CAUGHT_BY = (
    "predict_moving",
    "predict_alone",
)

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x, gamma, beta = np.asarray(x, dtype=float), np.asarray(gamma), np.asarray(beta)
    moving_mean, moving_var = np.asarray(moving_mean, dtype=float), np.asarray(moving_var, dtype=float)
    mean = 0.99 * moving_mean + 0.01 * x.mean(axis=0)
    var = 0.99 * moving_var + 0.01 * x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta
