"""rate=0 is refused as well."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)


def dropout(x, rate, training, rng):
    if not 0 < rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
