"""L1L2 with the second factor only, and one object per layer."""

TASK = "build_l2_model"

import keras


def build_l2_model(dimension=10000, l2=0.001):
    model = keras.Sequential()
    model.add(keras.Input((dimension,)))
    for _ in range(2):
        model.add(keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L1L2(l2=l2)))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=["acc"])
    return model
