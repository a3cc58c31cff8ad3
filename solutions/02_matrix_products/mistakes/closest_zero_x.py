"""Only the candidates are checked for the zero vector."""

TASK = "closest"
CAUGHT_BY = ("closest_refuses_zero_x",)

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    if not np.all(np.any(candidates, axis=1)):
        raise ValueError("The zero vector has no direction.")
    return int(np.argmax(candidates @ x / np.linalg.norm(candidates, axis=1) / np.linalg.norm(x)))
