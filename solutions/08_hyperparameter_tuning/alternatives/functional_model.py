"""The functional interface, with another activation and values fetched first."""

TASK = "build_model"

import keras


def build_model(hp):
    units = hp.Int(name="units", min_value=32, max_value=512, step=32, default=64)
    drop = hp.Float(name="dropout", min_value=0, max_value=0.5, step=0.1)
    rate = hp.Choice(name="learning_rate", values=[0.0001, 0.001, 0.01], default=0.001)
    inputs = keras.Input(shape=(64,), name="pixels")
    hidden = keras.layers.Dense(units, activation="tanh", name="features")(inputs)
    hidden = keras.layers.Dropout(drop)(hidden)
    outputs = keras.layers.Dense(10, activation="softmax", name="digit")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(),
        optimizer=keras.optimizers.Adam(learning_rate=rate),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model
