"""The functional interface, objects in compile."""

TASK = "build_dropout_model"

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    inputs = keras.Input(shape=(dimension,), name="words")
    h = inputs
    for number in (1, 2):
        h = keras.layers.Dense(16, activation=keras.activations.relu, name=f"hidden_{number}")(h)
        h = keras.layers.Dropout(rate=rate, seed=number)(h)
    outputs = keras.layers.Dense(units=1, activation=keras.ops.sigmoid)(h)
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.RMSprop(0.001), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.BinaryAccuracy()]
    )
    return model
