"""accuracy only."""

TASK = "overfitting_gap"
CAUGHT_BY = ("gap_with_short_keys",)


def overfitting_gap(history):
    recorded = getattr(history, "history", history)
    return recorded["accuracy"][-1] - recorded["val_accuracy"][-1]
