"""One row at a time into a new table, in float32."""

TASK = "batch_norm_inference"

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x = np.array(x, dtype="float32")
    width = np.sqrt(np.add(moving_var, epsilon))
    for i in range(len(x)):
        x[i] = (x[i] - np.array(moving_mean)) / width * np.array(gamma) + np.array(beta)
    return x
