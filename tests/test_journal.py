"""The journal: what is graded stays, is not graded again, and is never trusted when it is damaged."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring import read_template
from autograder.batch import Graded, grade_class
from autograder.course import Course, Limits, Settings
from autograder.engine import Engine
from autograder.errors import EngineError
from autograder.fingerprint import Fingerprints
from autograder.intake import Handed
from autograder.journal import NAME, Journal, Record, digest_of
from autograder.records import Cell, CellRun, CheckResult, Outcome, Output, Report, Role, Status
from autograder.text import Text

from .conftest import TINY, TINY_GRADER, Bench, write_assignment, write_course
from .outcome import marks, verdicts

CLI = [sys.executable, "-m", "autograder.cli"]
REPORT = Report(
    student="",
    assignment="90_tiny",
    status=Status.GRADED,
    checks=(
        CheckResult(
            "90_tiny.a", "mse", Outcome.PASSED, 2.0, Text("á", "a"), Text("b", "b"), 0.5, "half", (float("inf"),)
        ),
    ),
    submission_sha256="ab",
    walls=("landlock",),
    reason=Text("c", "c"),
    repairs=(Text("d", "d"),),
    cells=(
        CellRun(Cell("x", Role.TASK, "print('\ud800')", "mse"), (Output("text/plain", "1"),), Text("e", "e"), 0.1),
        CellRun(Cell("y", Role.TEXT, "…")),
    ),
    faults=("f",),
)

BARE = replace(REPORT, cells=())


def give(journal: Journal, report: Report, at: str) -> Record:
    return journal.give_out(report, at, digest_of(report))


def damage(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / NAME) as db:
        db.execute(statement, values)
    db.close()


# --- what it keeps ---------------------------------------------------------------------------------------------------


def test_a_verdict_comes_back_as_it_was_kept_and_without_a_name(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.keep("k", REPORT.named("ana"))
    with Journal(tmp_path) as journal:
        kept = journal.find("k")
        assert kept is not None
        assert replace(kept, cells=journal.cells("k")) == REPORT
        assert journal.find("l") is None
        assert journal.cells("l") == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verdicts SET report = replace(report, '2.0', '9.0')",
        "UPDATE verdicts SET report = CAST(report AS TEXT)",
        "UPDATE verdicts SET seal = 'no'",
        "UPDATE verdicts SET key = 'l'",
        "UPDATE verdicts SET report = x'00'",
    ],
)
def test_a_damaged_or_moved_entry_counts_as_missing(tmp_path: Path, statement: str) -> None:
    with Journal(tmp_path) as journal:
        journal.keep("k", REPORT)
    damage(tmp_path, statement)
    with Journal(tmp_path) as journal:
        assert journal.find("k") is None
        assert journal.find("l") is None
        journal.keep("k", REPORT)
        assert journal.find("k") == BARE


def test_a_sealed_entry_of_another_shape_counts_as_missing(tmp_path: Path) -> None:
    from autograder.journal import _seal

    for content in (b'{"schema": 0}', b"no JSON"):
        with Journal(tmp_path) as journal:
            journal.keep("k", REPORT)
        damage(tmp_path, "UPDATE verdicts SET report = ?, seal = ?", content, _seal("k", content))
        damage(tmp_path, "UPDATE cells SET cells = ?, seal = ?", content, _seal("k", content))
        with Journal(tmp_path) as journal:
            assert journal.find("k") is None
            assert journal.cells("k") == ()


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be taken for one" * 40])
def test_a_file_that_is_no_journal_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with Journal(tmp_path) as journal:
        assert bool(journal.remark) == bool(content)
        journal.keep("k", REPORT)
    aside = list(tmp_path.glob(f"{NAME}.damaged-*"))
    assert [path.read_bytes() for path in aside] == [content] * bool(content)


@pytest.mark.parametrize("harm", ["torn", "miscounted", "version"])
def test_a_journal_with_a_damaged_page_or_of_another_version_is_set_aside(tmp_path: Path, harm: str) -> None:
    with Journal(tmp_path) as journal:
        for number in range(50):
            journal.keep(str(number), REPORT)
    if harm == "version":
        damage(tmp_path, "PRAGMA user_version = 99")
    with (tmp_path / NAME).open("r+b") as file:
        file.seek(3 * 4096)
        if harm == "torn":
            file.write(os.urandom(4096))
        elif harm == "miscounted":
            # A page says wrongly how much of it is unused: SQLite reads it, and finds the fault only when it looks for one.
            header = bytearray(file.read(8))
            assert header[0] in (2, 5, 10, 13), "the page of a tree"
            header[7] ^= 1
            file.seek(3 * 4096)
            file.write(header)
    with Journal(tmp_path) as journal:
        assert journal.remark
        assert journal.find("1") is None


def test_a_second_grader_on_the_same_results_is_told_at_once(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(EngineError, match="Another grader is at work"):
        Journal(tmp_path)
    with Journal(tmp_path) as journal:
        assert journal.find("k") is None


def test_a_folder_that_cannot_be_made_or_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="could not be made"):
        Journal(tmp_path / "file" / "results")
    (tmp_path / "taken" / NAME).mkdir(parents=True)
    with pytest.raises(EngineError, match="could not be written"):
        Journal(tmp_path / "taken")


FULL = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from autograder.engine import Engine
from autograder.errors import EngineError
from autograder.journal import Journal
from tests.test_journal import BARE, REPORT
with Journal(Path(sys.argv[1])) as journal:
    kept = 0
    try:
        while True:
            journal.keep(str(kept), REPORT)
            kept += 1
    except EngineError as error:
        print(error)
    assert kept > 10
    assert all(journal.find(str(number)) == BARE for number in range(kept))
"""


def test_a_full_disk_is_told_in_one_sentence_and_what_was_kept_stays(tmp_path: Path) -> None:
    # A disk of one megabyte, in a mount namespace of its own.
    mounted = f'mount -t tmpfs -o size=1m none {tmp_path} && exec "$@"'
    program = [sys.executable, "-c", FULL, tmp_path / "results", Path(__file__).parent.parent]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mounted, "sh", *program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "free space or name another folder" in done.stdout


# --- what is given out -----------------------------------------------------------------------------------------------


def test_attempts_are_counted_by_submission_and_the_same_verdict_keeps_its_time(tmp_path: Path) -> None:
    first, second = (replace(REPORT, student="ana", submission_sha256=sha) for sha in ("1", "2"))
    with Journal(tmp_path) as journal:
        assert journal.record(first) is None
        given = give(journal, first, "2026-01-01T00:00:00+00:00")
        assert (given.attempt, given.recorded_at) == (1, "2026-01-01T00:00:00+00:00")
        assert give(journal, second, "2026-01-02T00:00:00+00:00").attempt == 2
        assert give(journal, replace(first, seconds=9.0), "2026-01-03T00:00:00+00:00") == given
        better = replace(first, checks=(replace(first.checks[0], max_points=3.0),))
        [change] = journal.changes([better, second])
        assert (change.student, change.before, change.after, change.gain) == ("ana", 2.0, 3.0, 1.0)
        again = give(journal, better, "2026-01-04T00:00:00+00:00")
        assert (again.attempt, again.recorded_at, again.score) == (1, "2026-01-04T00:00:00+00:00", 3.0)
        assert journal.changes([better, second]) == []
    assert digest_of(first) == digest_of(replace(first, seconds=1.0)) != digest_of(better)


# --- a class ---------------------------------------------------------------------------------------------------------


def handed(bench: Bench, answers: Sequence[dict[str, str]]) -> list[Handed]:
    data = [nbformat.writes(bench.notebook(answer)).encode() for answer in answers]
    return [Handed(f"s{at}", bench.name, each, f"s{at}", None) for at, each in enumerate(data)]


def graded(bench: Bench, items: Sequence[Handed], folder: Path, **options: Any) -> list[Graded]:
    with Journal(folder) as journal, ThreadPoolExecutor(2) as executor:
        return grade_class(bench.engine, items, executor, journal=journal, **options)


def test_what_is_known_is_not_graded_again_and_equal_files_are_graded_once(tiny: Bench, tmp_path: Path) -> None:
    items = handed(tiny, [{}, {"mse": "mse = 1"}, {}])
    first = graded(tiny, items, tmp_path)
    assert [one.fresh for one in first] == [True, True, False]
    assert [(one.report.student, one.report.score) for one in first] == [("s0", 10.0), ("s1", 4.0), ("s2", 10.0)]
    assert {one.report.cells for one in first} == {()}
    again = graded(tiny, items, tmp_path)
    assert [one.fresh for one in again] == [False] * 3
    assert [one.report for one in again] == [one.report for one in first]
    assert [one.fresh for one in graded(tiny, items, tmp_path, fresh=True)] == [True, True, False]
    with Journal(tmp_path) as journal:
        assert [bool(one.whole(journal).cells) for one in again] == [True] * 3


class Watched(ThreadPoolExecutor):
    """Notes for which assignments gradings are asked, in order."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: list[str | None] = []

    def submit(self, call: Any, /, data: bytes, assignment: str | None) -> Any:
        self.asked.append(assignment)
        return super().submit(call, data, assignment)


def test_the_longest_are_begun_first(tmp_path: Path) -> None:
    root = write_course(tmp_path, "90_short", TINY, TINY_GRADER)
    write_assignment(root, "91_long", TINY, TINY_GRADER)
    write_assignment(root, "92_new", TINY, TINY_GRADER)
    items = [Handed("ana", name, b"no notebook", "x", None) for name in (None, "90_short", "91_long", "92_new")]
    with Journal(tmp_path / "out") as journal, Engine(Course.load(root)) as engine, Watched() as executor:
        for at, (name, seconds) in enumerate([("90_short", 1.0), ("91_long", 5.0), ("91_long", 1.0)]):
            journal.keep(f"{at}", replace(BARE, assignment=name, seconds=seconds))
        assert journal.seconds() == {"90_short": 1.0, "91_long": 3.0}
        found = grade_class(engine, items, executor, journal=journal)
    assert executor.asked == [None, "92_new", "91_long", "90_short"]
    assert [one.report.assignment for one in found] == ["", "90_short", "91_long", "92_new"]


def test_a_damaged_entry_is_graded_again_with_the_same_verdict(tiny: Bench, tmp_path: Path) -> None:
    items = handed(tiny, [{}])
    [first] = graded(tiny, items, tmp_path)
    damage(tmp_path, "UPDATE verdicts SET report = x'7b7d'")
    [again] = graded(tiny, items, tmp_path)
    assert again.fresh
    assert again.report.verdict() == first.report.verdict()


def test_a_verdict_with_a_fault_of_ours_is_tried_again(tiny: Bench, using: Any, tmp_path: Path) -> None:
    broken = tiny.with_grader(tmp_path / "broken", "import nothing_of_that_name\n")
    bench = using(tiny, broken)
    items = handed(bench, [{}])
    for _ in range(2):
        [one] = graded(bench, items, tmp_path / "results")
        assert (one.fresh, one.key, one.report.status) == (True, None, Status.NEEDS_REVIEW)


def test_whatever_decides_a_verdict_changes_its_fingerprint(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fingerprint(
        course: Course = tiny_course, data: bytes = b"x", name: str | None = "90_tiny", **options: Any
    ) -> str:
        return Fingerprints(course, **options).of(data, name)

    first = fingerprint()
    assert first == fingerprint()
    limited = replace(tiny_course, assignments={"90_tiny": Settings(limits=replace(Limits(), check_seconds=1.0))})
    others = [
        fingerprint(data=b"y"),
        fingerprint(name=None),
        fingerprint(sandbox=False),
        fingerprint(limited),
        fingerprint(replace(tiny_course, language="en")),
        fingerprint(replace(tiny_course, run_demos=False)),
    ]
    (tmp_path / "imdb.npz").write_bytes(b"1")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    others.append(fingerprint())
    (tmp_path / "imdb.npz").write_bytes(b"2")
    others.append(fingerprint())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    others.append(fingerprint())
    monkeypatch.delenv("COURSE_DATA")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    others.append(fingerprint())
    monkeypatch.delenv("KERAS_BACKEND")
    grader = tiny_course.assignment("90_tiny").grader
    grader.write_text(grader.read_text() + "\n")
    others.append(fingerprint())
    assert len({first, *others}) == 1 + len(others)


# --- the command -----------------------------------------------------------------------------------------------------


def make_class(course: Course, size: int = 12) -> Path:
    """Different submissions, so that none is graded for another, each slow enough to be caught at it."""
    template = read_template(course.assignment("90_tiny"), "en")
    for number in range(size):
        answer = f"import time\ntime.sleep(0.1)\ndef mse(a, b):\n    return {number % 3} * 2.0"
        path = course.root / "in" / f"s{number:02}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(nbformat.writes(template.reference({"mse": answer} if number % 4 else {})))
    return course.root / "in"


def test_killed_at_any_moment_the_same_command_ends_as_an_undisturbed_run(tiny_course: Course, tmp_path: Path) -> None:
    folder = make_class(tiny_course)
    command = [*CLI, "grade", str(folder), "--assignment", "90_tiny", "--jobs", "2", "--out"]
    calm = subprocess.run([*command, "calm"], cwd=tiny_course.root, capture_output=True, text=True, timeout=120)
    assert calm.returncode == 0, calm.stderr
    want, want_marks = verdicts(tiny_course.root / "calm" / "reports.json"), marks(tiny_course.root / "gradebook.db")
    assert len(want) == len({report["student"] for report in want}) == 12
    (tiny_course.root / "gradebook.db").unlink()
    chance = random.Random(0)
    for round_ in range(3):
        process = subprocess.Popen(
            [*command, "out"], cwd=tiny_course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(1.0, 3.0 + round_))
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = subprocess.run([*command, "out"], cwd=tiny_course.root, capture_output=True, text=True, timeout=120)
    assert last.returncode == 0, last.stderr
    assert verdicts(tiny_course.root / "out" / "reports.json") == want
    assert marks(tiny_course.root / "gradebook.db") == want_marks
    assert len(list((tiny_course.root / "out" / "feedback").glob("s*.html"))) == 12
    assert len(list((tiny_course.root / "out" / "receipts").glob("s*.json"))) == 12


def test_after_a_fix_of_the_grader_it_is_told_who_gains_before_anything_is_recorded(tiny_course: Course) -> None:
    def run(*options: str) -> str:
        command = [*CLI, "grade", str(folder), "--assignment", "90_tiny", "--lang", "en", *options]
        done = subprocess.run(command, cwd=tiny_course.root, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    folder = make_class(tiny_course, 3)
    assert "gains" not in run()
    before = marks(tiny_course.root / "gradebook.db")
    grader = tiny_course.assignment("90_tiny").grader
    grader.write_text(grader.read_text().replace("4.0, mistaken", "2.0, mistaken"))
    told = run("--dry-run")
    assert "Who gains and who loses" in told
    assert "Nothing was recorded." in told
    assert marks(tiny_course.root / "gradebook.db") == before
    assert "Who gains and who loses" in run()
    assert marks(tiny_course.root / "gradebook.db") != before
    assert "3 of 3 verdicts were known already" in run()


def test_two_graders_on_one_course_do_not_meet(tiny_course: Course) -> None:
    folder = make_class(tiny_course, 8)
    command = [*CLI, "grade", str(folder), "--assignment", "90_tiny", "--jobs", "1", "--out"]
    first = subprocess.Popen(
        [*command, "one"], cwd=tiny_course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    journal = tiny_course.root / "one" / NAME
    while not journal.exists():
        assert first.poll() is None
        time.sleep(0.02)
    second = subprocess.run([*command, "two"], cwd=tiny_course.root, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "Another grader is at work" in second.stderr
    assert "Traceback" not in second.stderr
    assert first.wait(120) == 0
    assert len(verdicts(tiny_course.root / "one" / "reports.json")) == 8


def test_work_folders_of_a_killed_grader_are_deleted_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.scratch import Scratch

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    alive = Scratch()
    abandoned = Scratch()
    os.close(abandoned._lock)
    (tmp_path / "autograder-run-link").symlink_to(os.devnull)
    new = Scratch()
    assert {Path(alive.path), Path(new.path)} == {path for path in tmp_path.glob("autograder-run-*") if path.is_dir()}
    alive.close()
    new.close()
