"""Column by column with np.sum along an axis."""

TASK = "matmul"

import numpy as np


def matmul(a, b):
    left, right = np.array(a, dtype=float), np.array(b, dtype=float)
    if len(left.shape) != 2 or len(right.shape) != 2 or left.shape[1] != len(right):
        raise ValueError("shapes")
    return np.stack([np.sum(left * right[:, j], axis=1) for j in range(right.shape[1])], axis=1)
