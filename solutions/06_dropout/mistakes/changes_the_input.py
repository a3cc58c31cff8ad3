"""Works in place on the array it is given."""

TASK = "dropout"
CAUGHT_BY = ("input_kept",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    x *= rng.random(x.shape) >= rate
    x /= 1 - rate
    return x
