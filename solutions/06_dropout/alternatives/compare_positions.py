"""Zero-dimensional arrays, built by position."""

TASK = "compare"

import numpy as np


def compare(baseline_history, dropout_history):
    both = [h if hasattr(h, "keys") else h.history for h in (baseline_history, dropout_history)]
    losses = np.array([h["val_loss"][len(h["val_loss"]) - 1] for h in both])
    return {"baseline": losses[0], "dropout": losses[1], "improved": np.argmin(losses) == 1}
