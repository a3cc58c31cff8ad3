"""All passes in one batch of repeated rows."""

TASK = "monte_carlo_predict"

import keras
import numpy as np


def monte_carlo_predict(model, x, samples=20):
    n = len(x)
    answers = model(np.repeat(x, samples, axis=0), training=True)
    answers = keras.ops.convert_to_numpy(answers).reshape(n, samples)
    return answers.mean(1), answers.std(1)
