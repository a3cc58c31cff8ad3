"""A sum of outer products, one per inner index."""

TASK = "matmul"

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if (a.ndim, b.ndim) != (2, 2) or a.shape[-1] != b.shape[0]:
        raise ValueError("shapes")
    return sum(np.outer(a[:, k], b[k]) for k in range(len(b)))
