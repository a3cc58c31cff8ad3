"""The epoch of the lowest training loss."""

TASK = "best_epoch"
CAUGHT_BY = ("lowest_validation_loss",)

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return int(np.argmin(recorded["loss"])) + 1
