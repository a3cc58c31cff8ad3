"""A Dropout of its own that is active in prediction too."""

TASK = "build_dropout_model"
CAUGHT_BY = (
    "sixteen_sixteen_one",
    "dropout_behind_each_hidden_layer",
    "rate_used",
    "active_only_in_training",
)

import keras


class AlwaysOn(keras.layers.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


def build_dropout_model(dimension=10000, rate=0.5):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            AlwaysOn(rate),
            keras.layers.Dense(16, activation="relu"),
            AlwaysOn(rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
