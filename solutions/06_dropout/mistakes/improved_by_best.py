"""The losses are the last ones, improved goes by the best."""

TASK = "compare"
CAUGHT_BY = ("improved",)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][-1] for c in curves)
    b_best, d_best = (min(c["val_loss"]) for c in curves)
    return {"baseline": b, "dropout": d, "improved": d_best < b_best}
