"""Functional, tf.keras, the short alias."""

TASK = "build_l2_model"

import tensorflow as tf
from tensorflow.keras import layers, regularizers


def build_l2_model(dimension=10000, l2=0.001):
    inputs = tf.keras.Input(shape=(dimension,))
    x = layers.Dense(16, kernel_regularizer=regularizers.l2(l2))(inputs)
    x = layers.Activation("relu")(x)
    x = layers.Dense(16, kernel_regularizer=regularizers.l2(l2))(x)
    x = layers.Activation("relu")(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
