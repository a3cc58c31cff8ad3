"""Activations as layers of their own; loss and metric as objects."""

TASK = "build_xor_model"

import keras


def build_xor_model():
    model = keras.Sequential()
    model.add(keras.Input((2,)))
    model.add(keras.layers.Dense(9))
    model.add(keras.layers.Activation("tanh"))
    model.add(keras.layers.Dense(1))
    model.add(keras.layers.Activation("sigmoid"))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.02),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=[keras.metrics.BinaryAccuracy(name="hits")],
    )
    return model
