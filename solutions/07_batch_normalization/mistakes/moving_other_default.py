"""Another default for momentum."""

TASK = "update_moving"
CAUGHT_BY = ("moving_default",)

import numpy as np


def update_moving(moving, batch, momentum=0.9):
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return momentum * moving + (1 - momentum) * batch
