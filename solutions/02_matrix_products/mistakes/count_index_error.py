"""Sizes are looked up without asking how many there are."""

TASK = "count_parameters"
CAUGHT_BY = ("count_refuses_too_few",)


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    total = (sizes[0] + 1) * sizes[1]
    for k in range(2, len(sizes)):
        total += (sizes[k - 1] + 1) * sizes[k]
    return total
