"""The switched-off elements are removed rather than set to 0."""

TASK = "dropout"
CAUGHT_BY = (
    "share_switched_off",
    "survivors_keep_the_mean",
    "each_element_alone",
    "chance_from_rng",
    "shape_kept",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    return x[rng.random(x.shape) >= rate] / (1 - rate)
