"""The bias comes back as a table of one row, (1, units)."""

TASK = "collapse"
CAUGHT_BY = ("collapse_bias",)

import numpy as np


def collapse(w1, b1, w2, b2):
    w1, b1, w2, b2 = (np.asarray(each, dtype=float) for each in (w1, b1, w2, b2))
    return w1 @ w2, b1.reshape(1, -1) @ w2 + b2
