"""A learning rate so small that nothing is learnt."""

TASK = "build_baseline"
CAUGHT_BY = ("learns_from_reviews",)

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.RMSprop(1e-6), loss="binary_crossentropy", metrics=["accuracy"])
    return model
