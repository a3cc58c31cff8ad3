"""Takes the History only."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_both_forms",)


def overfitting_gap(history):
    name = "accuracy" if "accuracy" in history.history else "acc"
    return history.history[name][-1] - history.history["val_" + name][-1]
