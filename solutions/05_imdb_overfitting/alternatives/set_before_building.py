"""The regulariser is set on layers that are not built yet."""

TASK = "build_l2_model"

import keras


def build_l2_model(dimension=10000, l2=0.001):
    hidden = [keras.layers.Dense(16, activation="relu") for _ in range(2)]
    for layer in hidden:
        layer.kernel_regularizer = keras.regularizers.L2(l2=l2)
    model = keras.Sequential([keras.Input((dimension,)), *hidden, keras.layers.Dense(1, activation="sigmoid")])
    model.compile("rmsprop", loss=keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.BinaryAccuracy("accuracy")])
    return model
