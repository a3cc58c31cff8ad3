"""The slide's error: early stopping on the training loss."""

TASK = "train_with_early_stopping"
CAUGHT_BY = ("stops_after_patience", "best_weights_kept")

import keras


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=patience, restore_best_weights=True)
    return model.fit(
        x, y, batch_size=512, epochs=max_epochs, validation_data=(x_val, y_val), callbacks=[stop], verbose=0
    )
