"""The product cell by cell, as NumPy's * has it."""

TASK = "matmul"
CAUGHT_BY = (
    "matmul_lecture_example",
    "matmul_new_matrices",
    "matmul_thin_matrices",
    "matmul_laws",
    "matmul_refuses_misfits",
)

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("The shapes do not fit.")
    return a * b
