"""The higher loss is taken for the better one."""

TASK = "compare"
CAUGHT_BY = ("improved",)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][-1] for c in curves)
    return {"baseline": b, "dropout": d, "improved": d > b}
