"""NumPy's product, turned into an integer."""

TASK = "grid_size"

import numpy as np


def grid_size(space):
    return np.prod([len(space[name]) for name in space], dtype=int)
