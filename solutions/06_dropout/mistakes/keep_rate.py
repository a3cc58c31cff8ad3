"""1 - rate is handed to Dropout."""

TASK = "build_dropout_model"
CAUGHT_BY = ("rate_used",)

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(1 - rate),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(1 - rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
