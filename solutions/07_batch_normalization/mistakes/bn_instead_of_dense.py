"""BatchNormalization in place of every second Dense."""

TASK = "build_bn_model"
CAUGHT_BY = ("bn_layers",)

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    for number in range(hidden_layers):
        if number % 2 == 0:
            model.add(keras.layers.Dense(units, activation="sigmoid"))
        else:
            model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
