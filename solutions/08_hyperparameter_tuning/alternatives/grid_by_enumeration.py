"""Every combination enumerated and counted."""

TASK = "grid_size"

import itertools


def grid_size(space):
    return sum(1 for _ in itertools.product(*space.values()))
