"""Only the name val_accuracy is known."""

TASK = "epochs_to_reach"
CAUGHT_BY = ("any_metric_name",)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    for epoch, value in enumerate(curves["val_accuracy"], 1):
        if value >= accuracy:
            return epoch
    return None
