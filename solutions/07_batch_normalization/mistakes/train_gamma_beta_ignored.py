"""gamma and beta unused: the lecture's normalised value returned."""

TASK = "batch_norm_train"
CAUGHT_BY = ("train_scale_shift",)

import numpy as np


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    x = np.asarray(x, dtype=float)
    mean, var = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / np.sqrt(var + epsilon), mean, var
