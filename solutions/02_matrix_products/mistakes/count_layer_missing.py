"""The loop stops before the last layer."""

TASK = "count_parameters"
CAUGHT_BY = ("count_lecture_example", "count_other_networks")


def count_parameters(layer_sizes):
    sizes = [int(size) for size in layer_sizes]
    if len(sizes) < 2:
        raise ValueError("At least two sizes are needed.")
    total = 0
    for k in range(len(sizes) - 2):
        total += (sizes[k] + 1) * sizes[k + 1]
    return total
