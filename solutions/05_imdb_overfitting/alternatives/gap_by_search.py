"""Any key with acc in it; a NumPy scalar."""

TASK = "overfitting_gap"

import numpy as np


def overfitting_gap(history):
    curves = history.history if hasattr(history, "history") else history
    validation = next(key for key in curves if key.startswith("val_") and "acc" in key)
    return np.subtract(curves[validation.replace("val_", "")][-1], curves[validation][-1])
