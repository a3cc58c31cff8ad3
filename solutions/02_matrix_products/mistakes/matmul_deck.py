"""The slip of the lecture slide: the first cell loses its sign, 14 instead of -14."""

TASK = "matmul"
CAUGHT_BY = ("matmul_lecture_example", "matmul_new_matrices", "matmul_laws")

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    rows = [[sum(x * y for x, y in zip(row, column, strict=True)) for column in b.T] for row in a]
    rows[0][0] = abs(rows[0][0])
    return np.array(rows)
