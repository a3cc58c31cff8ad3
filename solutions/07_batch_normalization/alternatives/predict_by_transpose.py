"""Column by column, transposed back."""

TASK = "batch_norm_inference"

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    columns = []
    for j, column in enumerate(np.transpose(np.asarray(x, dtype=float))):
        width = np.sqrt(moving_var[j] + epsilon)
        columns.append((column - moving_mean[j]) / width * gamma[j] + beta[j])
    return np.transpose(columns)
