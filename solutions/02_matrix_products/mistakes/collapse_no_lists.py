"""Only arrays are understood: lists have no @."""

TASK = "collapse"
CAUGHT_BY = ("collapse_lists_and_integers",)

import numpy as np


def collapse(w1, b1, w2, b2):
    return w1 @ w2, b1 @ w2 + b2
