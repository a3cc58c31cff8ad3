"""The lowest similarity: argmin where argmax is needed."""

TASK = "closest"
CAUGHT_BY = ("closest_direction", "closest_opposite")

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    if not np.any(x) or not np.all(np.any(candidates, axis=1)):
        raise ValueError("The zero vector has no direction.")
    return int(np.argmin(candidates @ x / np.linalg.norm(candidates, axis=1) / np.linalg.norm(x)))
