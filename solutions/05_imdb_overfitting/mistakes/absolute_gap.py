"""The sign is thrown away."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_of_last_epoch",)


def overfitting_gap(history):
    recorded = getattr(history, "history", history)
    name = "accuracy" if "accuracy" in recorded else "acc"
    training, validation = recorded[name], recorded["val_" + name]
    return abs(training[-1] - validation[-1])
