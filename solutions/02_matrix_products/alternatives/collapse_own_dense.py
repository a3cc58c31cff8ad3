"""The first weights and the first bias are samples for the second layer, the notebook's own dense."""

TASK = "collapse"

import numpy as np


def collapse(w1, b1, w2, b2):
    return dense(w1, w2, np.zeros(len(b2))), dense(b1, w2, b2)
