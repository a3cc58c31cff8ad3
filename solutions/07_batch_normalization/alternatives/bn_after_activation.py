"""Normalised after the activation; functional."""

TASK = "build_bn_model"

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    inputs = keras.Input((n_features,))
    x = inputs
    for _ in range(hidden_layers):
        x = keras.layers.Dense(units, activation="sigmoid")(x)
        x = keras.layers.BatchNormalization()(x)
    outputs = keras.layers.Dense(n_classes, activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Nadam(),
        loss="sparse_categorical_crossentropy",
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model
