"""One bias per input: right for 4 -> 3 -> 4 by coincidence."""

TASK = "count_parameters"
CAUGHT_BY = ("count_other_networks",)

from itertools import pairwise


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    if len(sizes) < 2:
        raise ValueError("At least two sizes are needed.")
    return sum(d * units + d for d, units in pairwise(sizes))
