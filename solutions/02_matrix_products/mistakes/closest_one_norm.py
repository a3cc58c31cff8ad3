"""One length for the whole table: the norm without an axis."""

TASK = "closest"
CAUGHT_BY = ("closest_direction", "closest_any_length")

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    if not np.any(x) or not np.all(np.any(candidates, axis=1)):
        raise ValueError("The zero vector has no direction.")
    return int(np.argmax(candidates @ x / np.linalg.norm(candidates) / np.linalg.norm(x)))
