"""The functional interface where the reference uses Sequential."""

TASK = "build_xor_model"

import keras


def build_xor_model():
    inputs = keras.Input(shape=(2,), name="point")
    hidden = keras.layers.Dense(10, activation="tanh", name="bend")(inputs)
    outputs = keras.layers.Dense(1, activation="sigmoid", name="probability")(hidden)
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile("rmsprop", loss="binary_crossentropy", metrics=["acc"])
    model.optimizer.learning_rate = 0.01
    return model
