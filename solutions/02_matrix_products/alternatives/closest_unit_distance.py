"""The nearest by distance once all vectors have length 1."""

TASK = "closest"

import numpy as np


def closest(x, candidates):
    x, table = np.array(x, dtype=float), np.array(candidates, dtype=float)
    norms = np.sqrt((table**2).sum(axis=1, keepdims=True))
    if not x.any() or not norms.all():
        raise ValueError("zero")
    gaps = table / norms - x / np.sqrt((x**2).sum())
    return int(np.argmin((gaps**2).sum(axis=1)))
