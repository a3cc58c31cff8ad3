"""A loop over positions."""

TASK = "count_parameters"


def count_parameters(layer_sizes):
    if len(layer_sizes) <= 1:
        raise ValueError("sizes")
    total = 0
    for k in range(1, len(layer_sizes)):
        total += layer_sizes[k - 1] * layer_sizes[k]
        total += layer_sizes[k]
    return total
