"""The mask keeps what it should drop; the factor is right."""

TASK = "dropout"
CAUGHT_BY = ("share_switched_off",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x * (rng.random(x.shape) < rate) / (1 - rate)
