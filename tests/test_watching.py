"""An author's own loop: save, see the notebooks built and the reference graded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from autograder.course import Course
from autograder.watching import watch

CLI = [sys.executable, "-m", "autograder.cli"]


def test_every_change_is_built_and_graded_and_a_broken_source_is_said(tiny_course: Course) -> None:
    source = tiny_course.assignment("90_tiny").notebook
    right = source.read_text()
    said: list[str] = []

    def changes(folder: Path) -> Iterator[None]:
        assert folder == source.parent
        yield None
        for text in (right.replace("np.mean", "2 * np.mean"), right.replace("### END SOLUTION", ""), right):
            source.write_text(text)
            yield None

    watch(tiny_course, "90_tiny", "en", said.append, changes)
    first, wrong, broken, again = said
    released = tiny_course.root / "assignments" / "en" / "90_tiny" / "90_tiny.ipynb"
    assert f"written: {released}" in first
    assert "10 of 10 points for the reference" in first
    assert "4 of 10 points" in wrong
    assert "  failed: 90_tiny.worked_value (" in wrong
    assert "END SOLUTION" in broken
    assert "10 of 10 points" in again


def test_saving_is_noticed_and_ctrl_c_ends_it_well(tiny_course: Course) -> None:
    def line(stream: IO[str]) -> str:
        return next(text for text in iter(stream.readline, "") if "points" in text)

    arguments = [*CLI, "watch", "90_tiny", "--lang", "en", "--course", str(tiny_course.root)]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        assert line(process.stdout).startswith("10 of 10")
        grader = tiny_course.assignment("90_tiny").grader
        grader.write_text(grader.read_text().replace('points=4, task="mse"', 'points=3, task="mse"'))
        assert line(process.stdout).startswith("9 of 10")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
