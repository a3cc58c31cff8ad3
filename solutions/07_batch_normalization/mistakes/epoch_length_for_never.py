"""The number of epochs when it is never reached."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("none_if_not_reached",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    epoch = 1
    while epoch < len(values) and values[epoch - 1] < accuracy:
        epoch += 1
    return epoch
