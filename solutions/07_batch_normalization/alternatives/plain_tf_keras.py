"""Everything through tf.keras, with TensorFlow's own functions."""

TASK = "build_plain_model"

import tensorflow as tf


def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    layers = [tf.keras.layers.Input(shape=(n_features,))]
    layers += [tf.keras.layers.Dense(units, activation=tf.nn.sigmoid) for _ in range(hidden_layers)]
    layers += [tf.keras.layers.Dense(n_classes, activation=tf.nn.softmax)]
    model = tf.keras.models.Sequential(layers)
    model.compile("rmsprop", loss=tf.keras.losses.sparse_categorical_crossentropy, metrics=["acc"])
    return model
