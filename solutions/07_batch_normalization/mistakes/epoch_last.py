"""The last epoch that reaches it."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("first_time_counted_from_one",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    found = None
    for epoch, value in enumerate(values, 1):
        if value >= accuracy:
            found = epoch
    return found
