"""training is ignored."""

TASK = "dropout"
CAUGHT_BY = ("nothing_at_inference",)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
