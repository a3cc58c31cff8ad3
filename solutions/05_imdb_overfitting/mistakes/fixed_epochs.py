"""max_epochs is ignored."""

TASK = "train_with_early_stopping"
CAUGHT_BY = ("at_most_max_epochs",)

import keras


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    return model.fit(x, y, batch_size=512, epochs=20, validation_data=(x_val, y_val), callbacks=[stop], verbose=0)
