"""Keras's own layer, given the statistics."""

TASK = "batch_norm_inference"

import keras
import numpy as np


def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    x = np.asarray(x, dtype="float32")
    layer = keras.layers.BatchNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([np.asarray(part, dtype="float32") for part in (gamma, beta, moving_mean, moving_var)])
    return layer(x, training=False)
