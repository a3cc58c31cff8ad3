"""Keys of its own."""

TASK = "compare"
CAUGHT_BY = (
    "last_validation_losses",
    "improved",
    "tie_is_none",
    "kinds_of_values",
    "history_or_dictionary",
)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][-1] for c in curves)
    return {"without": b, "with": d, "better": d < b}
