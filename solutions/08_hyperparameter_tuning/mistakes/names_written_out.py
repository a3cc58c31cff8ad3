"""Only works for the names of this notebook."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_another_search",)


def best_hyperparameters(tuner):
    hp = tuner.get_best_hyperparameters()[0]
    return {"units": hp.get("units"), "dropout": hp.get("dropout"), "learning_rate": hp.get("learning_rate")}
