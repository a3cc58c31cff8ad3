"""A course on disk is read strictly, and its author is told what to change and where."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import Course, Limits, Settings
from autograder.errors import CourseError, EngineError, UsageError
from autograder.files import write_atomically
from autograder.variants import alternatives, mistakes


def test_the_nearest_course_above_is_found(tiny_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_course.root / "solutions" / "90_tiny")
    assert Course.load().root == tiny_course.root
    assert Course.load(tiny_course.root).names == ("90_tiny",)


def test_without_a_course_the_usage_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="--course"):
        Course.load()
    with pytest.raises(UsageError, match="holds no course_config"):
        Course.load(tmp_path)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("course = (", "SyntaxError"),
        ("x = 1", "must define"),
        ("course = 3", "must define"),
        (
            "from autograder.course import Course, Settings\n"
            "course = Course(id='x', assignments={'91_none': Settings()})",
            "91_none",
        ),
    ],
)
def test_a_config_that_is_none_is_told_to_its_author(config: str, words: str, tiny_course: Course) -> None:
    (tiny_course.root / "course_config.py").write_text(config)
    with pytest.raises(CourseError, match=words):
        Course.load(tiny_course.root)


def test_names_are_plain(tiny_course: Course) -> None:
    odd = tiny_course.root / "solutions" / "Odd-Name"
    odd.mkdir()
    (odd / "notebook.py").touch()
    with pytest.raises(CourseError, match="a-z, 0-9 and _"):
        Course.load(tiny_course.root)


def test_an_unknown_assignment_is_answered_with_the_nearest(tiny_course: Course) -> None:
    with pytest.raises(UsageError, match="Did you mean 90_tiny"):
        tiny_course.assignment("90_tyni")
    with pytest.raises(UsageError, match="There are: 90_tiny"):
        tiny_course.select(("zzzzzz",))
    assert [assignment.name for assignment in tiny_course.select(())] == ["90_tiny"]


def test_settings_of_an_assignment_go_before_those_of_the_course(tiny_course: Course) -> None:
    (tiny_course.root / "course_config.py").write_text(
        "from autograder.course import Course, Limits, Settings\n"
        "course = Course(id='x', limits=Limits(memory=1), run_demos=False,"
        " assignments={'90_tiny': Settings(limits=Limits(memory=2), run_demos=True)})"
    )
    course = Course.load(tiny_course.root)
    assert course.limits == Limits(memory=1)
    assert course.assignment("90_tiny").limits == Limits(memory=2)
    assert course.assignment("90_tiny").run_demos
    assert not replace(course, assignments={}).assignment("90_tiny").run_demos
    assert tiny_course.assignment("90_tiny").settings == Settings()


def test_the_graders_hash_follows_what_decides_a_verdict(tiny_course: Course) -> None:
    before = tiny_course.assignment("90_tiny").grader_sha256
    assert before == tiny_course.assignment("90_tiny").grader_sha256
    grader = tiny_course.assignment("90_tiny").grader
    grader.write_text(grader.read_text() + "\n")
    assert tiny_course.assignment("90_tiny").grader_sha256 != before
    with_grader = tiny_course.assignment("90_tiny").grader_sha256
    (tiny_course.assignment("90_tiny").folder / "conftest.py").write_text("")
    assert tiny_course.assignment("90_tiny").grader_sha256 != with_grader


def test_only_a_relative_gradebook_is_moved_into_the_course(tiny_course: Course) -> None:
    from dataclasses import replace

    assert tiny_course.gradebook_url() == f"sqlite:///{tiny_course.root}/gradebook.db"
    for url in ("sqlite:////var/g.db", "postgresql://host/g"):
        assert replace(tiny_course, gradebook=url).gradebook_url() == url


# --- mistakes and alternatives ---------------------------------------------------------------------------------------


def variant(course: Course, kind: str, text: str | bytes) -> None:
    folder = course.assignment("90_tiny").folder / kind
    folder.mkdir(exist_ok=True)
    (folder / "root.py").write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_variant_is_read_as_data(tiny_course: Course) -> None:
    variant(
        tiny_course,
        "mistakes",
        '"""Root taken.\n\nMore."""\n\nTASK = "mse"\nCAUGHT_BY = (\n    "a",\n    "b",\n)\n\nimport numpy\n\n\ndef mse(): ...\n',
    )
    (found,) = mistakes(tiny_course.assignment("90_tiny"))
    assert (found.name, found.story, found.task, found.caught_by) == ("root", "Root taken.", "mse", ("a", "b"))
    assert found.source == "import numpy\n\n\ndef mse(): ...\n"
    assert alternatives(tiny_course.assignment("90_tiny")) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"""Story."""\nTASK = "mse"\0\n', "null bytes"),
        ('"""Story."""\nTASK = "mse"\n', "CAUGHT_BY"),
        ('"""Story."""\nTASK = "mse"\nCAUGHT_BY = ()\n', "CAUGHT_BY"),
        ('"""Story."""\nTASK = "mse"\nCAUGHT_BY = ("worked")\n', "tuple of names"),
        ('"""Story."""\nTASK = "mse"\nCAUGHT_BY = (1,)\n', "tuple of names"),
        ('"""Story."""\nTASK = 3\nCAUGHT_BY = ("a",)\n', "name of one task"),
        ('"""Story."""\nTASK = "mse"\nCAUGHT_BY = ("a",)\nONLY_ON = "theano"\n', "ONLY_ON is one of tensorflow, jax"),
        ('"""Story."""\nTASK = name()\n', "line 2: TASK"),
        ('"""Story."""\nCAUGHT_BY = ("a",)\n', "TASK"),
        ('TASK = "mse"\nCAUGHT_BY = ("a",)\n', "docstring"),
        ("", "docstring"),
        ("def (", "line 1"),
        ('"""Story."""\nTASK = "\0"', "null bytes"),
    ],
)
def test_a_variant_that_is_none_is_told_to_its_author(text: str, words: str, tiny_course: Course) -> None:
    variant(tiny_course, "mistakes", text)
    with pytest.raises(CourseError, match=words):
        mistakes(tiny_course.assignment("90_tiny"))


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_atomically(path, "ñ")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["b.txt"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "inside").touch()
    with pytest.raises(EngineError, match="could not be written"):
        write_atomically(folder, "x")
    with pytest.raises(EngineError, match="could not be written"):
        write_atomically(folder / "inside" / "below", "x")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inside", "taken"]
