"""acc only."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_of_last_epoch",)


def overfitting_gap(history):
    recorded = getattr(history, "history", history)
    return recorded["acc"][-1] - recorded["val_acc"][-1]
