"""The weights are multiplied in the opposite order."""

TASK = "collapse"
CAUGHT_BY = ("collapse_weights", "collapse_same_output")

import numpy as np


def collapse(w1, b1, w2, b2):
    w1, b1, w2, b2 = (np.asarray(each, dtype=float) for each in (w1, b1, w2, b2))
    return w2 @ w1, b1 @ w2 + b2
