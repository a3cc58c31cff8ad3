"""No check of the inner sizes: an IndexError, or too few rows of b in silence."""

TASK = "matmul"
CAUGHT_BY = ("matmul_refuses_misfits",)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    m, n = a.shape
    _, p = b.shape
    result = np.zeros((m, p))
    for i in range(m):
        for j in range(p):
            for k in range(n):
                result[i, j] += a[i, k] * b[k, j]
    return result
