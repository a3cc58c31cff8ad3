"""One coin per sample, as a column that turns a vector into a table."""

TASK = "dropout"
CAUGHT_BY = (
    "each_element_alone",
    "shape_kept",
)


def dropout(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    keep = rng.random((x.shape[0], 1)) >= rate
    return x * keep / (1 - rate)
