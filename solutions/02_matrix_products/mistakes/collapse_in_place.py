"""The carried bias is added into the caller's own b2."""

TASK = "collapse"
CAUGHT_BY = ("collapse_input_untouched",)

import numpy as np


def collapse(w1, b1, w2, b2):
    w1, b1, w2, b2 = (np.asarray(each, dtype=float) for each in (w1, b1, w2, b2))
    b2 += b1 @ w2
    return w1 @ w2, b2
