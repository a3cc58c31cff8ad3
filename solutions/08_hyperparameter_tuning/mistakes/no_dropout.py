"""dropout is registered, but there is no Dropout layer."""

TASK = "build_model"
CAUGHT_BY = ("dropout",)

import keras


def build_model(hp):
    hp.Float("dropout", 0.0, 0.5, step=0.1)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(hp.Int("units", 32, 512, step=32), activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    rate = hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
