"""The candidates are refused only when all of them are zero."""

TASK = "closest"
CAUGHT_BY = ("closest_refuses_zero_candidate",)

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    if not np.any(x) or not np.any(candidates):
        raise ValueError("The zero vector has no direction.")
    return int(np.argmax(candidates @ x / np.linalg.norm(candidates, axis=1) / np.linalg.norm(x)))
