"""argmax of a comparison: 0, so epoch 1, when it is never reached."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("none_if_not_reached",)

import numpy as np


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    return int(np.argmax(np.array(values) >= accuracy)) + 1
