"""Does not take History objects."""

TASK = "compare"
CAUGHT_BY = ("history_or_dictionary",)


def compare(baseline_history, dropout_history):
    b, d = (h["val_loss"][-1] for h in (baseline_history, dropout_history))
    return {"baseline": b, "dropout": d, "improved": d < b}
