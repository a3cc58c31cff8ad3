"""The epoch of the best validation accuracy."""

TASK = "best_epoch"
CAUGHT_BY = ("lowest_validation_loss",)

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return int(np.argmax(recorded["val_accuracy"])) + 1
