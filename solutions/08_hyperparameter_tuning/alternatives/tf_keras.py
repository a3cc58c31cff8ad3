"""Everything through tf.keras, with TensorFlow's own functions as activations."""

TASK = "build_model"

import tensorflow as tf


def build_model(hp):
    model = tf.keras.models.Sequential()
    model.add(tf.keras.layers.InputLayer(shape=(64,)))
    model.add(tf.keras.layers.Dense(units=hp.Int("units", 32, 512, 32), activation=tf.nn.relu))
    model.add(tf.keras.layers.Dropout(rate=hp.Float("dropout", 0.0, 0.5, 0.1)))
    model.add(tf.keras.layers.Dense(10, activation=tf.nn.softmax))
    model.compile(
        tf.keras.optimizers.Adam(hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])),
        loss=tf.keras.losses.sparse_categorical_crossentropy,
        metrics=["accuracy"],
    )
    return model
