"""One mean and one variance for the whole table: axis forgotten."""

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
    mean, var = x.mean(), x.var()
    normalised = (x - mean) / np.sqrt(var + epsilon)
    return gamma * normalised + beta, mean, var
