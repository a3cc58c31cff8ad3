"""The same submission gets the same verdict, however it comes to be graded."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.batch import grade_class
from autograder.engine import Engine
from autograder.intake import Handed
from autograder.journal import Journal
from autograder.records import Report

from .conftest import Bench

ANSWERS = {
    "right": {},
    "wrong": {"mse": "def mse(a, b):\n    return 2.0"},
    "chance": {"mse": "def mse(a, b):\n    return 4.0 if np.random.rand() < 0.5 else 1.0"},
    "hashes": {"scale": "def scale(x):\n    return sorted({str(each) for each in x})[0]"},
    "raises": {"scale": "def scale(x):\n    raise ValueError(len(x))"},
    "ends": {"mse": "import os\n\ndef mse(a, b):\n    os._exit(3)"},
    "stub": {"mse": "def mse(a, b):\n    raise NotImplementedError('mse')", "scale": ""},
}
"""Students of the NumPy course, of whom one rolls dice and one depends on the order of a set."""

KERAS = {
    "dice": {
        "build": """
def build(units):
    units = units + int(keras.random.uniform(()) < 0.5)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    return model
"""
    },
    "right": {},
}
"""Students of the Keras course."""


def handed(bench: Bench, answers: dict[str, dict[str, str]]) -> list[Handed]:
    return [
        Handed(name, bench.name, nbformat.writes(bench.notebook(answer)).encode(), name, None)
        for name, answer in answers.items()
    ]


def verdicts(reports: Sequence[Report]) -> dict[str, Any]:
    return {report.student: report.verdict() for report in reports}


@pytest.mark.parametrize("course", ["tiny", "tiny_keras"])
def test_verdicts_do_not_depend_on_how_they_were_reached(
    course: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    bench: Bench = request.getfixturevalue(course)
    items = handed(bench, KERAS if course == "tiny_keras" else ANSWERS)

    def graded(jobs: int, order: int = 1, **options: Any) -> dict[str, Any]:
        with ThreadPoolExecutor(jobs) as executor:
            return verdicts([one.report for one in grade_class(bench.engine, items[::order], executor, **options)])

    one_by_one = graded(1)
    assert len({str(verdict) for verdict in one_by_one.values()}) > 1
    assert graded(len(items), order=-1) == one_by_one
    with Journal(tmp_path) as journal:
        assert graded(2, journal=journal) == one_by_one
        assert graded(2, journal=journal) == one_by_one
        assert graded(2, journal=journal, fresh=True) == one_by_one
    # Each from a cold start of its own.
    for item in items[-1:] if course == "tiny_keras" else items[2:4]:
        with Engine(bench.course) as engine:
            assert item.data is not None
            assert engine.grade(item.data, item.assignment).verdict() == one_by_one[item.student]
