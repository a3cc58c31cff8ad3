"""keras.ops in a functional model in place of activation arguments."""

TASK = "build_dropout_model"

import keras


def build_dropout_model(dimension=10000, rate=0.5):
    inputs = keras.Input((dimension,))
    first = keras.layers.Dropout(rate)(keras.ops.relu(keras.layers.Dense(16)(inputs)))
    second = keras.layers.Dropout(rate)(keras.ops.relu(keras.layers.Dense(16)(first)))
    model = keras.Model(inputs, keras.ops.sigmoid(keras.layers.Dense(1)(second)))
    model.compile(optimizer="RMSprop", loss="BinaryCrossentropy", metrics=["Accuracy", "binary_accuracy"])
    return model
