"""One coin per sample: whole rows are switched off."""

TASK = "dropout"
CAUGHT_BY = ("each_element_alone",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = rng.random(x.shape[:1]) >= rate
    return (x.T * keep / (1 - rate)).T
