"""np.flatnonzero on a comparison; a NumPy integer."""

TASK = "epochs_to_reach"

import numpy as np


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    (key,) = [name for name in curves if name[:4] == "val_" and "acc" in name]
    reached = np.flatnonzero(np.asarray(curves[key]) >= accuracy)
    return reached[0] + 1 if len(reached) else None
