"""The lowest loss in place of its epoch."""

TASK = "best_epoch"
CAUGHT_BY = ("lowest_validation_loss", "epochs_count_from_one")

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return min(recorded["val_loss"])
