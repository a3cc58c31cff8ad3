"""An empty space is said to have no combination."""

TASK = "grid_size"
CAUGHT_BY = ("empty_space",)


def grid_size(space):
    if not space:
        return 0
    size = 1
    for values in space.values():
        size *= len(values)
    return size
