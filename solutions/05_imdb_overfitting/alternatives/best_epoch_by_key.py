"""min over numbered epochs."""

TASK = "best_epoch"


def best_epoch(history):
    curves = getattr(history, "history", history)
    return min(enumerate(curves["val_loss"], start=1), key=lambda pair: pair[1])[0]
