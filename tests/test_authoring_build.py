"""A build writes the same bytes every time, whole files only, and nothing that the leak gate has not passed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import Release, plan, stale, write
from autograder.course import Course
from autograder.errors import CourseError, EngineError, LeakError, UsageError

NOTEBOOK = '''\
# %% [markdown] lang="es"
# # Lección

# %% [markdown] lang="en"
# # Lesson

# %% task="double" points=1
def double(value):
    """Twice `value`."""
    ### BEGIN SOLUTION
    return value + value
    ### END SOLUTION

# %% check="double"
def test_two(double):
    """es: El doble de 2. | en: Twice 2."""
    assert double(2) == 4
'''
GRADER = '''\
from autograder.checks import check


@check(points=1, task="double", es="Vale.")
def test_doubles_floats(student):
    """Right."""
'''


def add(course: Course, name: str, notebook: str = NOTEBOOK, grader: str | None = GRADER) -> None:
    folder = course.root / "solutions" / name
    folder.mkdir(parents=True)
    (folder / "notebook.py").write_text(notebook, encoding="utf-8")
    if grader is not None:
        (folder / f"test_{name}.py").write_text(grader, encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course_config.py").write_text("from autograder.course import Course\ncourse = Course(id='tiny')\n")
    course = Course.load(tmp_path)
    add(course, "01_tiny")
    return Course.load(tmp_path)


def below(course: Course, paths: tuple[Path, ...]) -> list[str]:
    return [path.relative_to(course.root).as_posix() for path in paths]


BOTH = ["assignments/en/01_tiny/01_tiny.ipynb", "assignments/es/01_tiny/01_tiny.ipynb"]


def test_a_plan_releases_every_assignment_in_both_languages_and_writes_nothing(course: Course) -> None:
    releases = plan(course)
    assert below(course, tuple(sorted(release.path for release in releases))) == BOTH
    assert not (course.root / "assignments").exists()


def test_only_the_named_assignments_are_planned(course: Course) -> None:
    add(course, "02_other")
    course = Course.load(course.root)
    assert {release.path.stem for release in plan(course, ("02_other",))} == {"02_other"}
    with pytest.raises(UsageError, match="Did you mean 01_tiny"):
        plan(course, ("01_tinny",))


def test_the_file_is_sorted_readable_json_that_nbformat_accepts(course: Course) -> None:
    write(plan(course))
    text = (course.root / BOTH[1]).read_bytes().decode()
    assert text.endswith("}\n")
    assert "# Lección" in text
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    notebook = nbformat.read(course.root / BOTH[1], as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_a_rebuild_gives_the_same_bytes_and_writes_no_file_again(course: Course) -> None:
    releases = plan(course)
    assert len(write(releases)) == 2
    before = (course.root / BOTH[0]).stat().st_mtime_ns
    assert plan(course) == releases
    assert write(plan(course)) == ()
    assert (course.root / BOTH[0]).stat().st_mtime_ns == before
    assert stale(course, plan(course)) == ()


def test_missing_and_changed_files_are_stale(course: Course) -> None:
    releases = plan(course)
    assert below(course, stale(course, releases)) == BOTH
    write(releases)
    (course.root / BOTH[0]).write_text("{}")
    assert below(course, stale(course, releases)) == BOTH[:1]
    assert below(course, write(releases)) == BOTH[:1]


def test_files_that_no_assignment_releases_are_stale_but_hidden_ones_are_left_alone(course: Course) -> None:
    add(course, "02_other")
    course = Course.load(course.root)
    write(plan(course))
    folder = course.root / "assignments"
    for name in ("es/00_gone/00_gone.ipynb", "es/01_tiny/notes.txt", ".gitkeep", "es/.ipynb_checkpoints/x.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    assert below(course, stale(course, plan(course, ("01_tiny",)))) == [
        "assignments/es/00_gone/00_gone.ipynb",
        "assignments/es/01_tiny/notes.txt",
    ]


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    path = course.root / "assignments" / "es" / "x.ipynb"
    write([Release(path, b"old")])

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EngineError, match="No space left"):
        write([Release(path, b"new")])
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_a_leak_in_one_assignment_stops_the_whole_build(course: Course) -> None:
    add(course, "02_leaky", NOTEBOOK + '\n# %% role="demo"\nprint("doubles_floats")\n')
    with pytest.raises(LeakError, match=r"02_leaky \(es\)"):
        plan(Course.load(course.root))


def test_alternatives_are_kept_out_as_well(course: Course) -> None:
    folder = course.root / "solutions" / "01_tiny" / "alternatives"
    folder.mkdir()
    (folder / "product.py").write_text('TASK = "double"\n\ndef double(value):\n    return 2 * value\n')
    plan(course)
    (course.root / "solutions" / "01_tiny" / "notebook.py").write_text(
        NOTEBOOK + '\n# %% role="demo"\nprint("return 2*value")\n', encoding="utf-8"
    )
    with pytest.raises(LeakError, match="the alternative product"):
        plan(course)


def test_an_assignment_without_hidden_grader_is_not_released(course: Course) -> None:
    add(course, "02_open", grader=None)
    with pytest.raises(CourseError, match=r"test_02_open.py cannot be read .* every assignment has its hidden grader"):
        plan(Course.load(course.root))
