"""Keras's own batches of 32."""

TASK = "train_with_early_stopping"
CAUGHT_BY = ("batches_of_512",)

import keras


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    return model.fit(x, y, epochs=max_epochs, validation_data=(x_val, y_val), callbacks=[stop], verbose=0)
