"""The result takes the type of a: with integers the decimals are lost."""

TASK = "matmul"
CAUGHT_BY = ("matmul_lists_and_integers",)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    result = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[i, j] = np.sum(a[i] * b[:, j])
    return result
