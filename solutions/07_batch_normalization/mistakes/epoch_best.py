"""The epoch of the best accuracy."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("first_time_counted_from_one",)

import numpy as np


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    best = int(np.argmax(values))
    return best + 1 if values[best] >= accuracy else None
