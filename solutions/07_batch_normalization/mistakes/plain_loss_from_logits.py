"""A second softmax inside the loss."""

TASK = "build_plain_model"
CAUGHT_BY = ("plain_compiled",)

import keras


def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units, activation="sigmoid"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model
