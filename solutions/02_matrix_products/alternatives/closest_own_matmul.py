"""Directions first, then the notebook's own matmul; the smallest cosine distance."""

TASK = "closest"

import numpy as np


def closest(x, candidates):
    def direction(v):
        v = np.asarray(v, dtype=float)
        if not v.any():
            raise ValueError("zero")
        return v / np.sqrt(np.sum(v * v))

    row = np.array([direction(x)])
    table = np.array([direction(each) for each in candidates])
    return int(np.argmin(1 - np.asarray(matmul(row, table.T))))
