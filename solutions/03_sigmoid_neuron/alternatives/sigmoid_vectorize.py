"""Python's math, number by number."""

TASK = "sigmoid"

import math

import numpy as np


def sigmoid(z):
    def one(value):
        if value < -700:
            return 0.0
        return 1 / (1 + math.exp(-value))

    return np.vectorize(one, otypes=[float])(z)[()]
