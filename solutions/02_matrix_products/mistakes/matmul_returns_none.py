"""Where the shapes do not fit, None comes back instead of an error."""

TASK = "matmul"
CAUGHT_BY = ("matmul_refuses_misfits", "matmul_refuses_vectors")

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        print("The shapes do not fit.")
        return None
    return np.array([[np.sum(row * column) for column in b.T] for row in a])
