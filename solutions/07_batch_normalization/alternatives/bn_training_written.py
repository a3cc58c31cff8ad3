"""training=False written into the calls: fit and predict say it again, and theirs counts."""

TASK = "build_bn_model"

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    inputs = keras.Input((n_features,))
    signal = inputs
    for _ in range(hidden_layers):
        signal = keras.layers.Dense(units, activation="sigmoid")(signal)
        signal = keras.layers.BatchNormalization()(signal, training=False)
    outputs = keras.layers.Dense(n_classes, activation="softmax")(signal)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
