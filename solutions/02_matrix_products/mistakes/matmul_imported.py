"""The ready-made product is imported by its name."""

TASK = "matmul"
CAUGHT_BY = ("matmul_made_by_hand",)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    from numpy import dot

    return dot(a, b)
