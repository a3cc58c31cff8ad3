"""Which of Keras's backends computes a submission: the course's, unless what is run needs TensorFlow itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.course import Assignment, Backend
from autograder.intake.syntax import uses
from autograder.records import Cell, Role
from autograder.text import Text

_TENSORFLOW = ("tensorflow", "tf_keras")
_KERAS = ("keras", "keras_tuner", *_TENSORFLOW)
_METHODS = ("numpy",)
"""What only TensorFlow's tensors answer to: `model(x).numpy()` needs TensorFlow, though it imports nothing."""
_NEVER_RUN = (Role.TEXT, Role.ANSWER, Role.CHECK)
NEEDS_TENSORFLOW = Text(
    es="Tu cuaderno usa el propio TensorFlow, así que se ha calificado con TensorFlow como motor de Keras.",
    en="Your notebook uses TensorFlow itself, so it was graded with TensorFlow as Keras's backend.",
)
"""What a student reads whose notebook was not computed on the course's backend."""


def backend_of(assignment: Assignment, cells: Iterable[Cell]) -> Backend | None:
    """The backend for these prepared cells; `None` where none of those that are run imports Keras.

    Decided by what is written, before anything is run, so that equal bytes are always computed alike.
    """
    never = _NEVER_RUN if assignment.run_demos else (*_NEVER_RUN, Role.DEMO)
    found = uses((cell.source for cell in cells if cell.role not in never), _KERAS, _METHODS)
    if not found.intersection(_KERAS):
        return None
    return "tensorflow" if found.intersection(_TENSORFLOW + _METHODS) else assignment.backend


def needs_keras(modules: Iterable[str]) -> bool:
    """Whether Keras is among `modules`, or what brings it along."""
    return any(name.split(".")[0] in _KERAS for name in modules)


def preloaded(modules: Sequence[str], backend: Backend | None) -> tuple[str, ...]:
    """Those of `modules` that a warm process for `backend` imports: TensorFlow, which takes seconds, only for its own."""
    if backend in (None, "tensorflow"):
        return tuple(modules)
    return tuple(name for name in modules if name.split(".")[0] not in _TENSORFLOW)
