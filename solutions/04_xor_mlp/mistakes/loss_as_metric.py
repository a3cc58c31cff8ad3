"""The loss once more in place of accuracy."""

TASK = "build_xor_model"
CAUGHT_BY = ("reports_accuracy",)

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["mse"])
    return model
