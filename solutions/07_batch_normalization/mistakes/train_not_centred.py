"""The mean is not subtracted."""

TASK = "batch_norm_train"
CAUGHT_BY = ("train_normalised",)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.asarray(x, dtype=float)
    gamma, beta = np.asarray(gamma), np.asarray(beta)
    mean, var = x.mean(axis=0), x.var(axis=0)
    normalised = x / np.sqrt(var + epsilon)
    return gamma * normalised + beta, mean, var
