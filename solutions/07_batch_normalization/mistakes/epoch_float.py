"""The epoch as a float."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("history_or_its_dict",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    for epoch, value in enumerate(values, 1):
        if value >= accuracy:
            return float(epoch)
    return None
