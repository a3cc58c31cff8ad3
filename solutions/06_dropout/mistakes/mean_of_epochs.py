"""The mean over all epochs."""

TASK = "compare"
CAUGHT_BY = (
    "last_validation_losses",
    "tie_is_none",
)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (sum(c["val_loss"]) / len(c["val_loss"]) for c in curves)
    return {"baseline": b, "dropout": d, "improved": d < b}
