"""Everything through tf.keras, TensorFlow's functions as activations."""

TASK = "build_dropout_model"

import tensorflow as tf


def build_dropout_model(dimension=10000, rate=0.5):
    model = tf.keras.Sequential()
    model.add(tf.keras.Input(shape=(dimension,)))
    model.add(tf.keras.layers.Dense(16, activation=tf.nn.relu))
    model.add(tf.keras.layers.Dropout(rate))
    model.add(tf.keras.layers.Dense(16, activation=tf.nn.relu))
    model.add(tf.keras.layers.Dropout(rate))
    model.add(tf.keras.layers.Dense(1, activation=tf.nn.sigmoid))
    model.compile(
        optimizer=tf.keras.optimizers.RMSprop(learning_rate=0.0005),
        loss=tf.keras.losses.binary_crossentropy,
        metrics=["binary_accuracy"],
    )
    return model
