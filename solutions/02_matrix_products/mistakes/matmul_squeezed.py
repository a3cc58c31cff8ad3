"""A result of one row or column loses its axis."""

TASK = "matmul"
CAUGHT_BY = ("matmul_thin_matrices",)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    return np.squeeze([[np.sum(row * column) for column in b.T] for row in a])
