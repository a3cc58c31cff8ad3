"""The training accuracy read in place of the validation accuracy."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("reads_validation",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if "acc" in key and not key.startswith("val_"))
    for epoch, value in enumerate(values, 1):
        if value >= accuracy:
            return epoch
    return None
