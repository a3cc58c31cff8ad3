"""Activations as layers of their own."""

TASK = "build_plain_model"

import keras


def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential()
    model.add(keras.layers.Input((n_features,)))
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.Activation("sigmoid"))
    model.add(keras.layers.Dense(n_classes))
    model.add(keras.layers.Softmax())
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3),
        loss=["sparse_categorical_crossentropy"],
        metrics=["sparse_categorical_accuracy"],
    )
    return model
