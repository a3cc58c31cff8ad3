"""Activations as layers of their own, the loss as an object."""

TASK = "build_model"

import keras


def build_model(hp):
    model = keras.Sequential()
    model.add(keras.Input((64,)))
    model.add(keras.layers.Dense(hp.Int("units", 32, 512, step=32)))
    model.add(keras.layers.LeakyReLU())
    model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)))
    model.add(keras.layers.Dense(10))
    model.add(keras.layers.Softmax())
    optimizer = keras.optimizers.Adam()
    optimizer.learning_rate = hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    return model
