"""isinstance decides; NumPy values; one key more."""

TASK = "compare"

import numpy as np


def compare(baseline_history, dropout_history):
    if not isinstance(baseline_history, dict):
        baseline_history = baseline_history.history
    if not isinstance(dropout_history, dict):
        dropout_history = dropout_history.history
    before = np.float32(np.array(baseline_history["val_loss"])[-1])
    after = np.float32(np.array(dropout_history["val_loss"])[-1])
    return {"baseline": before, "dropout": after, "improved": np.less(after, before), "gain": before - after}
