"""improved is by how much."""

TASK = "compare"
CAUGHT_BY = (
    "improved",
    "kinds_of_values",
)


def compare(baseline_history, dropout_history):
    curves = [getattr(history, "history", history) for history in (baseline_history, dropout_history)]
    b, d = (c["val_loss"][-1] for c in curves)
    return {"baseline": b, "dropout": d, "improved": b - d}
