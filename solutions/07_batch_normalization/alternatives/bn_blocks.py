"""Each hidden layer a small model of its own, and the input normalised as well."""

TASK = "build_bn_model"

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    def block():
        return keras.Sequential([keras.layers.Dense(units, activation="sigmoid"), keras.layers.BatchNormalization()])

    inputs = keras.Input((n_features,))
    signal = keras.layers.BatchNormalization()(inputs)
    for _ in range(hidden_layers):
        signal = block()(signal)
    model = keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(signal))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
