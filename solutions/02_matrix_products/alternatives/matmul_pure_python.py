"""Lists and zip only; a list of lists comes back."""

TASK = "matmul"

import numpy as np


def matmul(a, b):
    if np.ndim(a) != 2 or np.ndim(b) != 2 or len(a[0]) != len(b):
        raise ValueError("shapes")
    columns = list(zip(*b, strict=True))
    return [[float(sum(p * q for p, q in zip(row, column, strict=True))) for column in columns] for row in a]
