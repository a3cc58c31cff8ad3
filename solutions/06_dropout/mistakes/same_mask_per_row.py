"""One mask for all rows: whole columns are switched off."""

TASK = "dropout"
CAUGHT_BY = ("each_element_alone",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = rng.random(x.shape[-1]) >= rate
    return x * keep / (1 - rate)
