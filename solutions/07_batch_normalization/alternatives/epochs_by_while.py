"""A while loop over the curve."""

TASK = "epochs_to_reach"


def epochs_to_reach(history, accuracy):
    curves = history if isinstance(history, dict) else history.history
    curve = next(curves[key] for key in sorted(curves) if "val" in key and "acc" in key)
    epoch = 1
    while epoch <= len(curve):
        if not curve[epoch - 1] < accuracy:
            return epoch
        epoch += 1
