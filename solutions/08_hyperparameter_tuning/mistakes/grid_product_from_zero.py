"""The product starts from 0."""

TASK = "grid_size"
CAUGHT_BY = ("counts_combinations", "empty_space")


def grid_size(space):
    size = 0
    for values in space.values():
        size *= len(values)
    return size
