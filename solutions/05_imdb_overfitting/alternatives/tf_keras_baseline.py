"""Everything through tf.keras, layer by layer, with TensorFlow's own activations."""

TASK = "build_baseline"

import tensorflow as tf


def build_baseline(dimension=10000):
    model = tf.keras.models.Sequential()
    model.add(tf.keras.Input(shape=(dimension,)))
    model.add(tf.keras.layers.Dense(16, activation=tf.nn.relu))
    model.add(tf.keras.layers.Dense(16, activation=tf.nn.relu))
    model.add(tf.keras.layers.Dense(1, activation=tf.nn.sigmoid))
    model.compile(tf.keras.optimizers.RMSprop(0.001), tf.keras.losses.binary_crossentropy, metrics=["acc"])
    return model
