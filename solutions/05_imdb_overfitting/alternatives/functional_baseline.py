"""The functional form, with objects for strings."""

TASK = "build_baseline"

import keras
from keras import layers


def build_baseline(dimension=10000):
    inputs = keras.Input(shape=(dimension,), name="words")
    hidden = layers.Dense(units=16, activation=keras.activations.relu)(inputs)
    hidden = layers.Dense(units=16, activation=keras.activations.relu)(hidden)
    outputs = layers.Dense(units=1, activation=keras.activations.sigmoid)(hidden)
    model = keras.Model(inputs=inputs, outputs=outputs, name="baseline")
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.001),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=[keras.metrics.BinaryAccuracy()],
    )
    return model
