"""improved is 1 or 0."""

TASK = "compare"
CAUGHT_BY = ("kinds_of_values",)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][-1] for c in curves)
    return {"baseline": b, "dropout": d, "improved": int(d < b)}
