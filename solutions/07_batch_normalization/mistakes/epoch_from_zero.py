"""Epochs counted from 0."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("first_time_counted_from_one",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    for epoch, value in enumerate(values):
        if value >= accuracy:
            return epoch
    return None
