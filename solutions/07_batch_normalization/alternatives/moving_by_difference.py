"""A step from the old towards the new."""

TASK = "update_moving"

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    old = np.asarray(moving, dtype=float)
    return old + (1.0 - momentum) * (np.asarray(batch) - old)
