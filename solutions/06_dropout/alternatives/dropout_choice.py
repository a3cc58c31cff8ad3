"""rng.choice with probabilities, in float32."""

TASK = "dropout"

import numpy as np


def dropout(x, rate, training, rng):
    class BadRate(ValueError):
        pass

    if not 0 <= rate < 1:
        raise BadRate(rate)
    if not training or rate == 0:
        return np.copy(x)
    factors = rng.choice([0.0, 1 / (1 - rate)], size=x.shape, p=[rate, 1 - rate])
    return (x * factors).astype("float32")
