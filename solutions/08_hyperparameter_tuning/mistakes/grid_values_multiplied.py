"""The values themselves are multiplied."""

TASK = "grid_size"
CAUGHT_BY = ("counts_combinations",)

import math


def grid_size(space):
    return math.prod(value for values in space.values() for value in values)
