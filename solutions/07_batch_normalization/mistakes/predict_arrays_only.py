"""A list minus a list: TypeError."""

TASK = "batch_norm_inference"
CAUGHT_BY = ("predict_kinds",)

import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    return gamma * (x - moving_mean) / np.sqrt(moving_var + epsilon) + beta
