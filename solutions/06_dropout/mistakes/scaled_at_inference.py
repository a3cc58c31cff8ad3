"""Rescales in training and again in prediction."""

TASK = "dropout"
CAUGHT_BY = ("nothing_at_inference",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
