"""TensorFlow tensors all along."""

TASK = "monte_carlo_predict"

import tensorflow as tf


def monte_carlo_predict(model, x, samples=20):
    x = tf.convert_to_tensor(x)
    stacked = tf.stack([model(x, training=True) for _ in range(samples)])
    stacked = tf.squeeze(stacked, axis=-1)
    return tf.reduce_mean(stacked, axis=0), tf.math.reduce_std(stacked, axis=0)
