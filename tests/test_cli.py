"""The command line: quick to help, plain about errors, and tidy when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import nbformat
import pytest

from autograder.authoring import read_template
from autograder.course import Course

CLI = [sys.executable, "-m", "autograder.cli"]


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLI, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120)


def hand_in(course: Course, folder: Path, answers: dict[str, dict[str, str]]) -> Path:
    """Notebooks `<student>.ipynb` of the tiny assignment, flat in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    template = read_template(course.assignment("90_tiny"), "en")
    for student, answer in answers.items():
        (folder / f"{student}.ipynb").write_text(nbformat.writes(template.reference(answer)))
    return folder


# --- help and usage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["grade", "--help"], ["build", "-h"], ["doctor", "--help"]),
        *(["moodle", "-h"], ["similar", "--help"], ["gradescope", "--help"], ["quiz", "export", "--help"]),
        *(["plan", "--help"], ["serve", "--help"], ["platforms", "add", "-h"]),
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
from autograder.cli import cli
cli.main({arguments!r}, standalone_mode=False)
heavy = {{"numpy", "tensorflow", "keras", "IPython", "nbgrader", "nbformat", "rich", "pytest"}} & sys.modules.keys()
heavy |= {{"yaml", "lxml", "jinja2", "simpy", "matplotlib", "sqlalchemy", "starlette", "httpx2"}} & sys.modules.keys()
assert not heavy, heavy
"""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
    assert time.monotonic() - started < 10


def test_every_command_has_help() -> None:
    from autograder.cli import cli

    known = {
        "build",
        "grade",
        "moodle",
        "export",
        "similar",
        "gradescope",
        "calibrate",
        "demo",
        "doctor",
        "receipt",
        "quiz",
        "watch",
        "plan",
        "serve",
        "platforms",
    }
    assert known <= cli.commands.keys()
    group = cli.commands["quiz"]
    assert isinstance(group, click.Group)
    assert group.commands.keys() == {"check", "export", "preview", "sheet"}
    for name, command in [*cli.commands.items(), *group.commands.items()]:
        assert command.help, name
        assert command.get_short_help_str(), name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade"], "PATHS"),
        (["grade", "nowhere.ipynb"], "nowhere.ipynb"),
        (["grade", "empty"], "no notebook"),
        (["grade", "empty", "--assignment", "90_tinny"], "Did you mean 90_tiny?"),
        (["grade", "empty", "--assignment", "zzz"], "There are: 90_tiny"),
        (["grade", "empty", "--jobs", "0"], "--jobs"),
        (["grade", "empty", "--lang", "fr"], "--lang"),
        (["grade", "empty", "--course", "empty"], "course_config.py"),
        (["grad"], "Did you mean 'grade'?"),
        (["moodle", "--zip", "a.zip", "--out", "out"], "--worksheet"),
        (["moodle", "--zip", "a.zip", "--worksheet", "nowhere.csv", "--out", "out"], "nowhere.csv"),
        (["export"], "--format"),
        (["export", "--format", "csv"], "grade a class first"),
        (["similar"], "PATHS"),
        (["similar", "empty"], "no notebook"),
        (["similar", "empty", "--assignment", "90_tinny"], "Did you mean 90_tiny?"),
        (["similar", "empty", "--threshold", "60"], "--threshold"),
        (["gradescope"], "--out"),
        (["gradescope", "90_tinny", "--out", "g.zip"], "Did you mean 90_tiny?"),
        (["gradescope", "--out", "g.zip", "--visibility", "hidden"], "after_due_date"),
        (["gradescope", "--out", "g.zip", "--minutes", "60"], "--minutes"),
        (["build", "nope"], "There are: 90_tiny"),
        (["quiz", "export", "--format", "moodle", "--out", "q.xml"], "moodle-xml"),
        (["quiz", "export", "--format", "gift"], "--out"),
        (["quiz", "preview", "--out", "q.html"], "has a quiz bank"),
        (["quiz", "sheet", "90_tiny", "--out", "q.html"], "90_tiny has no quiz bank"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_one_line_and_ends_with_2(arguments: list[str], words: str, tiny_course: Course) -> None:
    (tiny_course.root / "empty").mkdir()
    done = run(*arguments, cwd=tiny_course.root)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_course_the_way_to_one_is_told(tmp_path: Path) -> None:
    done = run("build", cwd=tmp_path)
    assert done.returncode == 2
    assert "--course" in done.stderr


def test_a_broken_course_is_told_to_its_author(tiny_course: Course) -> None:
    (tiny_course.root / "course_config.py").write_text("course = 1 / 0\n")
    done = run("build", cwd=tiny_course.root)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


# --- build -----------------------------------------------------------------------------------------------------------


def test_build_check_fails_on_a_stale_tree_and_passes_on_a_fresh_one(tiny_course: Course) -> None:
    root = tiny_course.root
    stale = run("build", "--check", cwd=root)
    assert stale.returncode == 1
    assert "stale: " in stale.stderr
    assert run("build", cwd=root).returncode == 0
    assert run("build", "--check", cwd=root).returncode == 0
    source = root / "solutions" / "90_tiny" / "notebook.py"
    source.write_text(source.read_text().replace("Mean squared error", "Squared error, averaged"))
    assert run("build", "--check", cwd=root).returncode == 1


# --- grade -----------------------------------------------------------------------------------------------------------

REPORT = {
    "schema": int,
    "student": str,
    "assignment": str,
    "status": str,
    "score": float,
    "max_score": float,
    "checks": list,
    "submission_sha256": str,
    "grader_sha256": str,
    "walls": list,
    "seconds": float,
}
CHECK = {"id": str, "task": str, "outcome": str, "points": float, "max_points": float, "message": str, "seconds": float}


def holds(found: dict[str, Any], shape: dict[str, type]) -> bool:
    return all(type(found.get(name)) is kind for name, kind in shape.items())


def test_a_class_is_graded_and_reported_as_documented(tiny_course: Course) -> None:
    root = tiny_course.root
    folder = hand_in(tiny_course, root / "in", {"ana": {}, "bob": {"mse": "def mse(a, b):\n    return 0"}})
    done = run("grade", folder, "--assignment", "90_tiny", "--json", "r.json", "--lang", "en", "--jobs", 2, cwd=root)
    assert done.returncode == 0, done.stderr
    reports = json.loads((root / "r.json").read_text())
    assert [(r["student"], r["score"], r["max_score"], r["status"]) for r in reports] == [
        ("ana", 10.0, 10.0, "graded"),
        ("bob", 4.0, 10.0, "graded"),
    ]
    for report in reports:
        assert report["schema"] == 1
        assert holds(report, REPORT)
        assert all(holds(check, CHECK) for check in report["checks"])
        assert {check["outcome"] for check in report["checks"]} <= {"passed", "failed", "unjudged"}
        assert len(report["submission_sha256"]) == len(report["grader_sha256"]) == 64
        assert "landlock" in report["walls"]
    assert [check["id"] for check in reports[0]["checks"]] == [
        "90_tiny.worked_value",
        "90_tiny.column_row",
        "90_tiny.zero_one",
    ]
    assert [check["task"] for check in reports[0]["checks"]] == ["mse", "mse", "scale"]
    assert reports[0]["checks"][0]["message"] == "Right."
    assert len(list((root / "results" / "feedback").rglob("*.html"))) >= 2
    assert (root / "gradebook.db").is_file()
    overview = (root / "results" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in overview
    assert 'href="feedback/bob.90_tiny.html"' in overview
    assert "index.html" in done.stdout


def test_similar_answers_are_shown_without_running_anything(tiny_course: Course) -> None:
    body = "".join(f"    a = np.exp(a * {number} + {number % 7}) - b @ a\n" for number in range(9))
    answer = {"mse": f"def mse(a, b):\n{body}    open('ran', 'w')\n    return a\n\nmse(1, 2)"}
    folder = hand_in(tiny_course, tiny_course.root / "in", {"ana": answer, "bob": answer, "eva": {}})
    done = run("similar", folder, "--assignment", "90_tiny", "--out", "s.html", "--lang", "es", cwd=tiny_course.root)
    assert done.returncode == 0, done.stderr
    assert "no prueban nada" in " ".join(done.stdout.split())
    assert "100" in next(line for line in done.stdout.splitlines() if "ana" in line and "bob" in line)
    shown = (tiny_course.root / "s.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in shown
    assert "<bdi>ana</bdi> · <bdi>bob</bdi>" in shown
    assert not (tiny_course.root / "ran").exists()


def test_calibrate_prints_and_keeps_a_table_and_ends_with_1_where_a_grader_is_not_fair(tiny_course: Course) -> None:
    folder = tiny_course.root / "solutions" / "90_tiny"
    done = run("calibrate", "--seeds", 2, cwd=tiny_course.root)
    assert done.returncode == 0, done.stderr
    kept = (folder / "calibration.md").read_text(encoding="utf-8")
    assert kept in done.stdout
    assert "`autograder calibrate 90_tiny --seeds 2`" in kept
    assert "Reference under 2 seeds" in kept
    (folder / "mistakes").mkdir()
    (folder / "mistakes" / "none.py").write_text(
        '"""Not wrong at all."""\n\nTASK = "mse"\nCAUGHT_BY = ("worked_value",)\n\n\n'
        "def mse(a, b):\n    return float(np.mean((np.ravel(a) * 1.0 - np.ravel(b)) ** 2))\n"
    )
    done = run("calibrate", "90_tiny", "--seeds", 1, cwd=tiny_course.root)
    assert done.returncode == 1
    assert "**Mistake none** (mse): not caught" in (folder / "calibration.md").read_text(encoding="utf-8")


def test_what_cannot_be_graded_ends_with_1_and_the_rest_is_graded(tiny_course: Course) -> None:
    root = tiny_course.root
    folder = hand_in(tiny_course, root / "in", {"ana": {}})
    (folder / "bob.ipynb").write_text("this is no notebook")
    done = run("grade", folder, "--assignment", "90_tiny", "--json", "r.json", cwd=root)
    assert done.returncode == 1, done.stderr
    assert [report["status"] for report in json.loads((root / "r.json").read_text())] == ["graded", "rejected"]


def test_a_broken_grader_is_told_to_the_instructor_and_ends_with_1(tiny_course: Course) -> None:
    root = tiny_course.root
    tiny_course.assignment("90_tiny").grader.write_text("import nothing_like_it\n")
    folder = hand_in(tiny_course, root / "in", {"ana": {}})
    done = run("grade", folder, "--assignment", "90_tiny", "--json", "r.json", cwd=root)
    assert done.returncode == 1
    assert "the hidden grader is broken" in done.stderr
    assert json.loads((root / "r.json").read_text())[0]["status"] == "needs_review"


def descendants(pid: int) -> set[int]:
    """Living processes that `pid` started, and theirs."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            rest = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if rest[0] != "Z":
            parents[int(name)] = int(rest[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent == pid or parent in found} - found:
        found |= more
    return found


def test_interrupting_ends_at_once_with_130_and_leaves_no_process(tiny_course: Course) -> None:
    root = tiny_course.root
    folder = hand_in(tiny_course, root / "in", {"ana": {"mse": "import time\ntime.sleep(55)"}, "bob": {}, "eva": {}})
    command = [*CLI, "grade", str(folder), "--assignment", "90_tiny", "--jobs", "1"]
    running = subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        # Two warm parents, the examiner, the supervisor, process 1 and the student.
        while len(family := descendants(running.pid)) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(family) >= 6
        os.killpg(running.pid, signal.SIGINT)
        interrupted = time.monotonic()
        _, errors = running.communicate(timeout=30)
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()
    assert running.returncode == 130, errors
    assert time.monotonic() - interrupted < 15
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    deadline = time.monotonic() + 10
    while (left := {pid for pid in family if Path(f"/proc/{pid}").exists()}) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
    assert not (root / "results" / "reports.json").exists()
