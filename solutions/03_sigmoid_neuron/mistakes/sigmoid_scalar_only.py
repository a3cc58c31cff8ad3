"""Python's math: right and stable for one number, arrays fail."""

TASK = "sigmoid"
CAUGHT_BY = ("sigmoid_any_shape",)

import math


def sigmoid(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))
