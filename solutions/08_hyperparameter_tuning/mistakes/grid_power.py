"""The longest list to the power of the number of lists."""

TASK = "grid_size"
CAUGHT_BY = ("counts_combinations",)


def grid_size(space):
    return max((len(values) for values in space.values()), default=1) ** len(space)
