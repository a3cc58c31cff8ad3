"""A vector is taken for a matrix of one row."""

TASK = "matmul"
CAUGHT_BY = ("matmul_refuses_vectors",)

import numpy as np


def matmul(a, b):
    a, b = np.atleast_2d(np.asarray(a, dtype=float)), np.atleast_2d(np.asarray(b, dtype=float))
    if a.shape[1] != b.shape[0]:
        raise ValueError("The inner sizes differ.")
    result = np.zeros((a.shape[0], b.shape[1]))
    for k in range(a.shape[1]):
        result += a[:, k, None] * b[None, k]
    return result
