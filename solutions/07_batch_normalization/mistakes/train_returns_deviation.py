"""The standard deviation returned in place of the variance."""

TASK = "batch_norm_train"
CAUGHT_BY = ("train_variance",)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.asarray(x, dtype=float)
    gamma, beta = np.asarray(gamma), np.asarray(beta)
    mean, std = x.mean(axis=0), x.std(axis=0)
    normalised = (x - mean) / np.sqrt(std**2 + epsilon)
    return gamma * normalised + beta, mean, std
