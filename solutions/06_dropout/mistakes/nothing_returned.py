"""The result is not returned."""

TASK = "dropout"
CAUGHT_BY = (
    "share_switched_off",
    "survivors_keep_the_mean",
    "each_element_alone",
    "chance_from_rng",
    "nothing_at_inference",
    "shape_kept",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    out = x.copy()
    if training:
        out = out * (rng.random(x.shape) >= rate) / (1 - rate)
    print(out.shape)
