"""0.99 written into the formula."""

TASK = "update_moving"
CAUGHT_BY = ("moving_rule",)

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return 0.99 * moving + 0.01 * batch
