"""A NumPy integer."""

TASK = "best_epoch"

import numpy as np


def best_epoch(history):
    if hasattr(history, "history"):
        history = history.history
    return np.argmin(np.array(history["val_loss"])) + 1
