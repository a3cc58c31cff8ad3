"""The cells (i, j) and (j, i) have changed places."""

TASK = "matmul"
CAUGHT_BY = ("matmul_lecture_example", "matmul_new_matrices", "matmul_thin_matrices", "matmul_laws")

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    result = np.zeros((b.shape[1], a.shape[0]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[j, i] = np.sum(a[i] * b[:, j])
    return result
