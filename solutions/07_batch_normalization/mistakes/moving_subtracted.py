"""The batch's share subtracted in place of added."""

TASK = "update_moving"
CAUGHT_BY = ("moving_rule",)

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return momentum * moving - (1 - momentum) * batch
