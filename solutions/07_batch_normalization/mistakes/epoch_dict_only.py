"""Only a dict will do."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("history_or_its_dict",)


def epochs_to_reach(history, accuracy):
    values = next(history[key] for key in history if key.startswith("val_") and "acc" in key)
    for epoch, value in enumerate(values, 1):
        if value >= accuracy:
            return epoch
    return None
