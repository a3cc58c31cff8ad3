"""The number of epochs trained."""

TASK = "best_epoch"
CAUGHT_BY = ("lowest_validation_loss", "epochs_count_from_one")

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return len(recorded["val_loss"])
