"""Adam, so that two things change at once."""

TASK = "build_dropout_model"
CAUGHT_BY = ("compiled_alike",)

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model
