"""The bias is added in place, which integers refuse when it has decimals."""

TASK = "dense"
CAUGHT_BY = ("dense_lists_and_integers",)

import numpy as np


def dense(x, w, b):
    result = np.asarray(x) @ np.asarray(w)
    result += b
    return result
