"""Only rates from 1 on are refused."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)


def dropout(x, rate, training, rng):
    if rate >= 1:
        raise ValueError("rate")
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
