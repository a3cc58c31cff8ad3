"""Prints a message and returns None."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        print("rate must lie in [0, 1)")
        return None
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
