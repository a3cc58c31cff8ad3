"""np.where on the squeezed second axis, with the model called directly."""

TASK = "predict_class"

import numpy as np


def predict_class(model, x):
    probabilities = np.asarray(model(np.asarray(x)))
    return np.where(np.squeeze(probabilities, axis=1) >= 0.5, 1, 0)
