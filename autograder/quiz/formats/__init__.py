"""The formats of LMSs: each module makes a file of quizzes, and says what it could not carry."""

from collections.abc import Callable, Mapping, Sequence

from autograder.quiz.drawing import Quiz
from autograder.quiz.formats import canvas_qti, cc11, gift, moodle_xml, qti21
from autograder.quiz.formats.export import Export, Loss

FORMATS: Mapping[str, Callable[[Sequence[Quiz], str], Export]] = {
    "moodle-xml": moodle_xml.export,
    "gift": gift.export,
    "canvas-qti": canvas_qti.export,
    "qti21": qti21.export,
    "cc11": cc11.export,
}
"""By the name that `--format` takes; each is given quizzes in one language and the course's id."""

__all__ = ["FORMATS", "Export", "Loss"]
