"""The first epoch."""

TASK = "compare"
CAUGHT_BY = (
    "last_validation_losses",
    "improved",
    "tie_is_none",
)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][0] for c in curves)
    return {"baseline": b, "dropout": d, "improved": d < b}
