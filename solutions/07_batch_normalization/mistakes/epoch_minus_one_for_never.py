"""-1 when it is never reached."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("none_if_not_reached",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    for epoch, value in enumerate(values, 1):
        if value >= accuracy:
            return epoch
    return -1
