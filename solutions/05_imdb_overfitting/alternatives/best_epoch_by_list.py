"""index of the minimum, with isinstance."""

TASK = "best_epoch"


def best_epoch(history):
    curves = history if isinstance(history, dict) else history.history
    losses = list(curves["val_loss"])
    return losses.index(min(losses)) + 1
