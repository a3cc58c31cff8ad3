"""KeyError as the question."""

TASK = "overfitting_gap"


def overfitting_gap(history):
    if not isinstance(history, dict):
        history = history.history
    try:
        train, val = history["acc"], history["val_acc"]
    except KeyError:
        train, val = history["accuracy"], history["val_accuracy"]
    return train[-1] - val[-1]
