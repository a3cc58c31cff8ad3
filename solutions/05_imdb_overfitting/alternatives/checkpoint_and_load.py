"""The best weights come back from a file."""

TASK = "train_with_early_stopping"

import keras


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    file = "early.weights.h5"
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", patience=patience),
        keras.callbacks.ModelCheckpoint(file, monitor="val_loss", save_best_only=True, save_weights_only=True),
    ]
    history = model.fit(
        x, y, epochs=max_epochs, batch_size=512, callbacks=callbacks, validation_data=(x_val, y_val), verbose=0
    )
    model.load_weights(file)
    return history
