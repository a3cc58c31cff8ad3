"""The numbers of values are added."""

TASK = "grid_size"
CAUGHT_BY = ("counts_combinations", "empty_space")


def grid_size(space):
    return sum(len(values) for values in space.values())
