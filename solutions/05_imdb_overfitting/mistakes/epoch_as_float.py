"""A float."""

TASK = "best_epoch"
CAUGHT_BY = ("epochs_count_from_one",)

import numpy as np


def best_epoch(history):
    recorded = getattr(history, "history", history)
    return float(np.argmin(recorded["val_loss"])) + 1
