"""Switches off the first units rather than random ones."""

TASK = "dropout"
CAUGHT_BY = (
    "each_element_alone",
    "chance_from_rng",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    out = x / (1 - rate)
    out[..., : round(rate * x.shape[-1])] = 0
    return out
