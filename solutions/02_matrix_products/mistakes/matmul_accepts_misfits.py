"""zip stops at the shorter side, so inner sizes that differ go unnoticed."""

TASK = "matmul"
CAUGHT_BY = ("matmul_refuses_misfits",)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("Two matrices are needed.")
    return np.array([[sum(x * y for x, y in zip(row, column, strict=False)) for column in b.T] for row in a])
