"""A tiny number in the divisor hides the zero vectors."""

TASK = "closest"
CAUGHT_BY = ("closest_refuses_zero_x", "closest_refuses_zero_candidate")

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    return int(np.argmax(candidates @ x / (np.linalg.norm(candidates, axis=1) * np.linalg.norm(x) + 1e-12)))
