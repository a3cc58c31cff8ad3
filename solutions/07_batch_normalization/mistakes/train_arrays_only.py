"""Methods of arrays called on whatever comes in: lists have no mean."""

TASK = "batch_norm_train"
CAUGHT_BY = ("train_kinds",)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    mean, var = x.mean(axis=0), x.var(axis=0)
    normalised = (x - mean) / np.sqrt(var + epsilon)
    return gamma * normalised + beta, mean, var
