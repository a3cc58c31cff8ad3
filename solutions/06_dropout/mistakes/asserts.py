"""assert in place of ValueError."""

TASK = "dropout"
CAUGHT_BY = ("rate_in_range",)


def dropout(x, rate, training, rng):
    assert 0 <= rate < 1
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
