"""np.round rounds, but leaves floats."""

TASK = "predict_class"
CAUGHT_BY = ("class_form",)

import numpy as np


def predict_class(model, x):
    return np.round(model.predict(x, verbose=0).ravel())
