"""Only rescales."""

TASK = "dropout"
CAUGHT_BY = (
    "share_switched_off",
    "each_element_alone",
    "chance_from_rng",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x / (1 - rate)
