"""The seed comes in and is never used."""

TASK = "train_xor"
CAUGHT_BY = ("same_seed_same_history",)


def train_xor(model, x, y, seed=0):
    return model.fit(x, y, epochs=200, verbose=0)
