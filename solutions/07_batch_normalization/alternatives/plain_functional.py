"""Functional, loss and metric as objects, stochastic gradient descent."""

TASK = "build_plain_model"

import keras


def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    inputs = keras.Input(shape=(n_features,), name="pixels")
    signal = inputs
    for number in range(hidden_layers):
        signal = keras.layers.Dense(units, activation=keras.activations.sigmoid, name=f"hidden_{number + 1}")(signal)
    probabilities = keras.layers.Dense(n_classes, activation=keras.activations.softmax, name="classes")(signal)
    model = keras.Model(inputs=inputs, outputs=probabilities)
    model.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    return model
