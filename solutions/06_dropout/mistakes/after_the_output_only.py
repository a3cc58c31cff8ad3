"""Dropout only behind the output."""

TASK = "build_dropout_model"
CAUGHT_BY = ("dropout_behind_each_hidden_layer",)

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
            keras.layers.Dropout(rate),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
