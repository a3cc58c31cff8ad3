"""How many epochs reach it, in place of which one is first."""

TASK = "epochs_to_reach"
CAUGHT_BY = (
    "first_time_counted_from_one",
    "reads_validation",
    "equal_is_reached",
    "history_or_its_dict",
    "any_metric_name",
)


def epochs_to_reach(history, accuracy):
    curves = getattr(history, "history", history)
    values = next(curves[key] for key in curves if key.startswith("val_") and "acc" in key)
    number = sum(value >= accuracy for value in values)
    return int(number) or None
