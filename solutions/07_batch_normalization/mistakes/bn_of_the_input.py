"""BatchNormalization on the input only."""

TASK = "build_bn_model"
CAUGHT_BY = ("bn_after_each",)

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    model.add(keras.layers.BatchNormalization())
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units, activation="sigmoid"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
