"""Drops in prediction, and nothing in training."""

TASK = "dropout"
CAUGHT_BY = (
    "share_switched_off",
    "each_element_alone",
    "chance_from_rng",
    "nothing_at_inference",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
