"""A sigmoid on the output: ten separate yes-or-no answers."""

TASK = "build_plain_model"
CAUGHT_BY = ("plain_softmax",)

import keras


def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units, activation="sigmoid"))
    model.add(keras.layers.Dense(n_classes, activation="sigmoid"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
