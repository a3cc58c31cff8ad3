"""The training loss."""

TASK = "compare"
CAUGHT_BY = ("last_validation_losses",)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["loss"][-1] for c in curves)
    return {"baseline": b, "dropout": d, "improved": d < b}
