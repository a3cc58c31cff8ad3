"""try and except, and a list popped from a copy."""

TASK = "compare"


def final(history):
    try:
        record = history.history
    except AttributeError:
        record = history
    return list(record["val_loss"]).pop()


def compare(baseline_history, dropout_history):
    result = {}
    result["baseline"] = final(baseline_history)
    result["dropout"] = final(dropout_history)
    result["improved"] = not result["dropout"] >= result["baseline"]
    return result
