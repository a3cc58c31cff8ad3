"""The hyperparameters are counted."""

TASK = "grid_size"
CAUGHT_BY = ("counts_combinations", "empty_space")


def grid_size(space):
    return len(space)
