"""The batch's value without its factor."""

TASK = "update_moving"
CAUGHT_BY = ("moving_rule",)

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return momentum * moving + batch
