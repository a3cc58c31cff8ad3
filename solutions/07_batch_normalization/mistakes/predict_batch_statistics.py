"""Mean and variance of the batch when predicting."""

TASK = "batch_norm_inference"
CAUGHT_BY = (
    "predict_moving",
    "predict_alone",
)

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x, gamma, beta = np.asarray(x, dtype=float), np.asarray(gamma), np.asarray(beta)
    moving_mean, moving_var = np.asarray(moving_mean, dtype=float), np.asarray(moving_var, dtype=float)
    normalised = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return gamma * normalised + beta
