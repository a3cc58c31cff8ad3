"""The gap at the epoch of the lowest validation loss."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_of_last_epoch",)


def overfitting_gap(history):
    recorded = getattr(history, "history", history)
    name = "accuracy" if "accuracy" in recorded else "acc"
    best = recorded["val_loss"].index(min(recorded["val_loss"]))
    return recorded[name][best] - recorded["val_" + name][best]
