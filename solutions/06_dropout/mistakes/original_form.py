"""The original form: scaled in prediction, not in training."""

TASK = "dropout"
CAUGHT_BY = (
    "survivors_keep_the_mean",
    "nothing_at_inference",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate)
