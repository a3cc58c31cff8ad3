"""A hyperparameter more, the activation, and dropout only where the rate is above zero."""

TASK = "build_model"

import keras


def build_model(hp):
    model = keras.Sequential([keras.Input((64,))])
    activation = hp.Choice("activation", ["relu", "tanh"])
    model.add(keras.layers.Dense(hp.Int("units", 32, 512, step=32), activation=activation))
    rate = hp.Float("dropout", 0.0, 0.5, step=0.1)
    if rate > 0:
        model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
