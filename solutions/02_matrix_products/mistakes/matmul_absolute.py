"""Every cell loses its sign."""

TASK = "matmul"
CAUGHT_BY = ("matmul_lecture_example", "matmul_new_matrices", "matmul_laws")

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    result = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[i, j] = abs(sum(a[i, k] * b[k, j] for k in range(a.shape[1])))
    return result
