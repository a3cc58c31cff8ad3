"""Two samples per batch, labels as a column, TensorFlow seeded by hand."""

TASK = "train_xor"

import random

import numpy as np
import tensorflow as tf


def train_xor(model, x, y, seed=0):
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
    labels = np.asarray(y).reshape(-1, 1)
    return model.fit(np.asarray(x), labels, epochs=150, batch_size=2, verbose=0)
