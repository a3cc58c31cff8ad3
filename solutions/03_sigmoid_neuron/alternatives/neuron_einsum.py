"""An ellipsis takes samples and tables alike."""

TASK = "neuron"

import numpy as np


def neuron(x, w, b):
    total = np.einsum("...j,j->...", np.asarray(x, dtype=float), np.asarray(w, dtype=float)) + b
    return 1 / (1 + np.exp(-total))
