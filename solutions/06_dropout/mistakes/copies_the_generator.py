"""Draws from a copy, so the next call draws the same."""

TASK = "dropout"
CAUGHT_BY = ("chance_from_rng",)

import copy


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    rng = copy.deepcopy(rng)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
