"""Results written into an array of integers when integers come in."""

TASK = "update_moving"
CAUGHT_BY = ("moving_kinds",)

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    new = np.array(moving)
    for j in range(len(new)):
        new[j] = momentum * moving[j] + (1 - momentum) * batch[j]
    return new
