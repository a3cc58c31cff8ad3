"""The three names tried one after the other; next with a default."""

TASK = "epochs_to_reach"


def epochs_to_reach(history, accuracy):
    if not isinstance(history, dict):
        history = history.history
    for name in ("accuracy", "acc", "sparse_categorical_accuracy"):
        values = history.get(f"val_{name}")
        if values is not None:
            return next((i + 1 for i in range(len(values)) if values[i] >= accuracy), None)
