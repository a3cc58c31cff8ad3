"""The total is started and returned as a decimal number."""

TASK = "count_parameters"
CAUGHT_BY = ("count_lecture_example",)

from itertools import pairwise


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    if len(sizes) < 2:
        raise ValueError("At least two sizes are needed.")
    total = 0.0
    for d, units in pairwise(sizes):
        total += d * units + units
    return total
