"""TensorFlow's own moments and formula, in float32, as tensors."""

TASK = "batch_norm_train"

import numpy as np
import tensorflow as tf


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    table = tf.constant(np.asarray(x), dtype=tf.float32)
    mean, var = tf.nn.moments(table, axes=[0])
    scale, offset = tf.cast(gamma, tf.float32), tf.cast(beta, tf.float32)
    return tf.nn.batch_normalization(table, mean, var, offset, scale, epsilon), mean, var
