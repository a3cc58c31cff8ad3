"""The biases are forgotten."""

TASK = "count_parameters"
CAUGHT_BY = ("count_lecture_example", "count_other_networks")

from itertools import pairwise


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    if len(sizes) < 2:
        raise ValueError("At least two sizes are needed.")
    return sum(d * units for d, units in pairwise(sizes))
