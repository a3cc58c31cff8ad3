"""The first bias passes through w2 transposed."""

TASK = "collapse"
CAUGHT_BY = ("collapse_bias", "collapse_same_output")

import numpy as np


def collapse(w1, b1, w2, b2):
    w1, b1, w2, b2 = (np.asarray(each, dtype=float) for each in (w1, b1, w2, b2))
    return w1 @ w2, w2 @ b1 + b2
