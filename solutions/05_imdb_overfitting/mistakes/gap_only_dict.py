"""Takes the dictionary only."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_both_forms",)


def overfitting_gap(history):
    name = "accuracy" if "accuracy" in history else "acc"
    return history[name][-1] - history["val_" + name][-1]
