"""Statistics kept as rows (1, d); the variance by pairs of moments."""

TASK = "batch_norm_train"

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    table = np.asarray(x, dtype=float)
    mean = np.mean(table, axis=0, keepdims=True)
    centred = table - mean
    var = np.mean(centred * centred, axis=0, keepdims=True)
    return np.multiply(gamma, centred / np.sqrt(var + epsilon)) + np.asarray(beta), mean, var
