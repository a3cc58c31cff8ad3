"""Only arrays are understood: lists have no @."""

TASK = "dense"
CAUGHT_BY = ("dense_lists_and_integers",)

import numpy as np


def dense(x, w, b):
    return x @ w + b
