"""Rows of b against columns of a: the opposite order."""

TASK = "matmul"
CAUGHT_BY = ("matmul_lecture_example", "matmul_new_matrices", "matmul_thin_matrices", "matmul_laws")

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    return np.array([[sum(x * y for x, y in zip(row, column, strict=False)) for column in a.T] for row in b])
