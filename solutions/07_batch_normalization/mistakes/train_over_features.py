"""Every sample normalised by itself: axis 1, as in layer normalization."""

TASK = "batch_norm_train"
CAUGHT_BY = (
    "train_mean",
    "train_variance",
    "train_normalised",
)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.asarray(x, dtype=float)
    gamma, beta = np.asarray(gamma), np.asarray(beta)
    mean = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    normalised = (x - mean) / np.sqrt(var + epsilon)
    return gamma * normalised + beta, mean.ravel(), var.ravel()
