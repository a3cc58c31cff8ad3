"""Losses in place of accuracies."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_of_last_epoch",)


def overfitting_gap(history):
    recorded = getattr(history, "history", history)
    return recorded["val_loss"][-1] - recorded["loss"][-1]
