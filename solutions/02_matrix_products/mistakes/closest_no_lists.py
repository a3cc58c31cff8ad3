"""Only arrays are understood: lists have no @."""

TASK = "closest"
CAUGHT_BY = ("closest_lists_and_integers",)

import numpy as np


def closest(x, candidates):
    if not np.any(x) or not np.all(np.any(candidates, axis=1)):
        raise ValueError("The zero vector has no direction.")
    return int(np.argmax(candidates @ x / np.linalg.norm(candidates, axis=1) / np.linalg.norm(x)))
