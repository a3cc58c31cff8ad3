"""Dropout as an argument of Dense, as one slide has it."""

TASK = "build_dropout_model"
CAUGHT_BY = (
    "sixteen_sixteen_one",
    "dropout_behind_each_hidden_layer",
    "rate_used",
    "compiled_alike",
    "active_only_in_training",
)

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu", dropout=rate),
            keras.layers.Dense(16, activation="relu", dropout=rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
