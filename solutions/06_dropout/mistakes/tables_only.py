"""Only works on tables."""

TASK = "dropout"
CAUGHT_BY = ("shape_kept",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    n, width = x.shape
    return x * (rng.random((n, width)) >= rate) / (1 - rate)
