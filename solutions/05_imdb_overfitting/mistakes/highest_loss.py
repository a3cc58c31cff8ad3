"""argmax of a loss."""

TASK = "best_epoch"
CAUGHT_BY = ("lowest_validation_loss", "epochs_count_from_one")

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return int(np.argmax(recorded["val_loss"])) + 1
