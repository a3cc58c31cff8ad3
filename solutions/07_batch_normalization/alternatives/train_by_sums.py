"""Sums in place of mean and var; gamma folded into a factor."""

TASK = "batch_norm_train"

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.array(x, dtype="float64")
    n = len(x)
    mean = np.sum(x, axis=0) / n
    var = np.sum(np.square(x - mean), axis=0) / n
    factor = np.array(gamma) * (var + epsilon) ** -0.5
    return x * factor + (np.array(beta) - mean * factor), mean, var
