"""No layer counts as 0 parameters instead of an error."""

TASK = "count_parameters"
CAUGHT_BY = ("count_refuses_too_few",)

from itertools import pairwise


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    return sum((d + 1) * units for d, units in pairwise(sizes))
