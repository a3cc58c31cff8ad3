"""Activations as layers of their own, behind the Dropout even."""

TASK = "build_dropout_model"

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.models.Sequential()
    model.add(keras.layers.Input((dimension,)))
    model.add(keras.layers.Dense(16))
    model.add(keras.layers.Activation("relu"))
    model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.Dense(16))
    model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.Dense(1))
    model.add(keras.layers.Activation("sigmoid"))
    model.compile(loss="bce", optimizer=keras.optimizers.RMSprop(), metrics=["acc"])
    return model
