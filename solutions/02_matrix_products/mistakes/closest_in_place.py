"""Divides the caller's own arrays by their lengths."""

TASK = "closest"
CAUGHT_BY = ("closest_input_untouched",)

import numpy as np


def closest(x, candidates):
    x, candidates = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    if not np.any(x) or not np.all(np.any(candidates, axis=1)):
        raise ValueError("The zero vector has no direction.")
    x /= np.linalg.norm(x)
    candidates /= np.linalg.norm(candidates, axis=1, keepdims=True)
    return int(np.argmax(candidates @ x))
