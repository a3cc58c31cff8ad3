"""The variance returned has epsilon in it."""

TASK = "batch_norm_train"
CAUGHT_BY = ("train_variance",)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.asarray(x, dtype=float)
    gamma, beta = np.asarray(gamma), np.asarray(beta)
    mean, var = x.mean(axis=0), x.var(axis=0) + epsilon
    normalised = (x - mean) / np.sqrt(var)
    return gamma * normalised + beta, mean, var
