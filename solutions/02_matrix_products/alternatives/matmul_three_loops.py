"""Three loops; the unpacking of the shapes refuses vectors."""

TASK = "matmul"

import numpy as np


def matmul(a, b):
    a, b = np.array(a), np.array(b)
    m, n = a.shape
    rows, p = b.shape
    if n != rows:
        raise ValueError(f"{n} columns against {rows} rows")
    c = np.zeros((m, p))
    for i in range(m):
        for j in range(p):
            for k in range(n):
                c[i, j] += a[i, k] * b[k, j]
    return c
