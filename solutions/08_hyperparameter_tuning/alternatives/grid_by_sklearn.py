"""scikit-learn's ParameterGrid."""

TASK = "grid_size"

from sklearn.model_selection import ParameterGrid


def grid_size(space):
    return len(ParameterGrid(space))
