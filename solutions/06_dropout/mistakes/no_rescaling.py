"""The survivors keep their value."""

TASK = "dropout"
CAUGHT_BY = ("survivors_keep_the_mean",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate)
