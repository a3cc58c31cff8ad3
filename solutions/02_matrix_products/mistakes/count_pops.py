"""Takes the sizes off the caller's own list, which a tuple does not even allow."""

TASK = "count_parameters"
CAUGHT_BY = ("count_containers",)


def count_parameters(layer_sizes):
    if len(layer_sizes) < 2:
        raise ValueError("At least two sizes are needed.")
    total, d = 0, layer_sizes.pop(0)
    while len(layer_sizes) > 0:
        units = layer_sizes.pop(0)
        total += (d + 1) * units
        d = units
    return total
