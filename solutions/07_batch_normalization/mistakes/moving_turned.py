"""momentum turned round, as PyTorch has it: it multiplies the new."""

TASK = "update_moving"
CAUGHT_BY = ("moving_rule",)

import numpy as np


def update_moving(moving, batch, momentum=0.99):
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return (1 - momentum) * moving + momentum * batch
