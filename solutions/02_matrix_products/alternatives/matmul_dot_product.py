"""Helpers of its own with tempting names; its text mentions @ and np.dot."""

TASK = "matmul"

import numpy as np


def dot_product(u, v):
    """What np.dot(u, v) or u @ v would give."""
    dot = 0.0
    for p, q in zip(u, v, strict=True):
        dot += p * q
    return dot


def inner(u, table):
    return [dot_product(u, table[:, j]) for j in range(table.shape[1])]


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("no @ for vectors")
    if a.shape[1] != b.shape[0]:
        raise ValueError("np.dot would refuse this too")
    matrix = [inner(row, b) for row in a]
    return np.array(matrix)
