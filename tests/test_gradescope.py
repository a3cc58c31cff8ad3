"""The zip for Gradescope: what it holds, and what it says in a folder laid out like their container's."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring import read_template
from autograder.course import Course, Limits, Settings
from autograder.errors import CourseError, EngineError, UsageError
from autograder.gradescope import Choices, grade, pack, results
from autograder.gradescope.container import Shortage, fair, previous_score, within
from autograder.records import OUR_FAULT, Answer, Cause, CheckResult, Outcome, Report, Status
from autograder.text import Text

from .conftest import TINY, TINY_GRADER, Bench, write_assignment, write_course

DEGRADED = [sys.executable, str(Path(__file__).resolve().parent / "degraded.py")]
KILLED = {"scale": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"}
HALF = {"mse": "def mse(a, b):\n    return float(np.mean((np.ravel(a) - np.ravel(b)) ** 2)) / 2"}

RESULTS: dict[str, type | tuple[type, ...]] = {
    "score": float,
    "execution_time": float,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
}
TEST: dict[str, type | tuple[type, ...]] = {
    "score": float,
    "max_score": float,
    "status": str,
    "name": str,
    "output": str,
    "visibility": str,
    "tags": list,
}
"""The keys of Gradescope's specification that we use, and what it takes for them."""


def valid(found: dict[str, Any]) -> dict[str, Any]:
    """`found`, if Gradescope would take it."""
    assert found.keys() <= RESULTS.keys()
    assert all(isinstance(value, RESULTS[key]) for key, value in found.items())
    assert "score" in found
    assert found["output_format"] == "text"
    assert found["stdout_visibility"] == "hidden"
    for test in found["tests"]:
        assert test.keys() <= TEST.keys()
        assert all(isinstance(value, TEST[key]) for key, value in test.items())
        assert test.get("status", "passed") in ("passed", "failed")
    for one in (found, *found["tests"]):
        assert one["visibility"] in ("visible", "after_due_date", "after_published")
    return found


# --- the zip ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def rich_course(tiny_course: Course) -> Course:
    """A course that holds everything a zip must not."""
    root = tiny_course.root
    write_assignment(root, "91_other", TINY, TINY_GRADER)
    (root / "course_config.py").write_text(
        "from autograder.course import Course, Limits, Settings\n\n"
        'course = Course(id="tiny", language="en", gradebook="postgresql://teacher:PASSWD-91@db/marks", assignments={\n'
        '    "90_tiny": Settings(limits=Limits(cell_seconds=7)), "91_other": Settings(run_demos=False)})\n'
    )
    for name in (".autograder/receipt-key.pem", ".git/config", "gradebook.db", "submitted/ana/90_tiny/90_tiny.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("KEEP-OUT")
    folder = root / "solutions" / "90_tiny"
    own = ("mistakes/a.py", "alternatives/b.py", "calibration.md", ".hidden", "__pycache__/x.pyc", "helper.txt")
    for name in own:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("only a helper" if name == "helper.txt" else "KEEP-OUT")
    return Course.load(root)


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_holds_what_grading_needs_and_nothing_else(rich_course: Course, tmp_path: Path) -> None:
    data = pack(rich_course, rich_course.select(("90_tiny",)), Choices("es", "after_due_date", 20))
    files = unzipped(data)
    assert [name for name in files if not name.startswith("engine/")] == [
        "choices.json",
        "course/course_config.py",
        "course/solutions/90_tiny/helper.txt",
        "course/solutions/90_tiny/notebook.py",
        "course/solutions/90_tiny/test_90_tiny.py",
        "lost.json",
        "run_autograder",
        "setup.sh",
    ]
    package = {name for name in files if name.startswith("engine/autograder/")}
    assert {"engine/autograder/engine.py", "engine/autograder/feedback/page.html"} <= package
    assert {name for name in files if name.startswith("engine/")} - package == {
        "engine/README.md",
        "engine/pyproject.toml",
        "engine/requirements.lock",
    }
    for name, content in files.items():
        assert "__pycache__" not in name
        if name not in package:
            assert not any(word in content for word in (b"KEEP-OUT", b"PASSWD-91", b"91_other"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["lost.json"] == 0o644
    for name, content in files.items():
        path = tmp_path / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    course = Course.load(tmp_path / "unpacked" / "course")
    assert course.names == ("90_tiny",)
    assert course.assignment("90_tiny").limits == Limits(cell_seconds=7)
    assert course.assignment("90_tiny").grader_sha256 == rich_course.assignment("90_tiny").grader_sha256
    assert Choices.read(tmp_path / "unpacked" / "choices.json") == Choices("es", "after_due_date", 20)


def test_the_same_course_gives_the_same_bytes(rich_course: Course) -> None:
    chosen = Choices("en")
    first = pack(rich_course, rich_course.select(()), chosen)
    for path in rich_course.root.rglob("*"):
        os.utime(path, (1, 1))
    assert pack(rich_course, rich_course.select(()), chosen) == first
    names = unzipped(first).keys()
    assert {f"course/solutions/{name}/notebook.py" for name in rich_course.names} <= names


def test_what_cannot_be_packed_is_told(rich_course: Course, tmp_path: Path) -> None:
    chosen = Choices("en")
    with pytest.raises(UsageError, match="no assignment to pack"):
        pack(rich_course, (), chosen)
    full = replace(rich_course, assignments={"90_tiny": Settings(data="full")})
    with pytest.raises(UsageError, match='set data="mini"'):
        pack(full, full.select(("90_tiny",)), chosen)
    with pytest.raises(EngineError, match="installed from its repository"):
        pack(rich_course, rich_course.select(()), chosen, engine=tmp_path / "autograder")
    # A file that is there, and that nobody can read from its beginning.
    (rich_course.root / "solutions" / "90_tiny" / "notes").symlink_to("/proc/self/mem")
    with pytest.raises(CourseError, match="notes could not be read"):
        pack(rich_course, rich_course.select(()), chosen)


def test_a_zip_without_walls_is_made_loudly(rich_course: Course) -> None:
    command = [
        sys.executable,
        "-m",
        "autograder.cli",
        "gradescope",
        "--no-sandbox",
        "--minutes",
        "40",
        "--out",
        "a.zip",
    ]
    done = subprocess.run(command, cwd=rich_course.root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "NO SANDBOX" in done.stderr
    assert "90_tiny, 91_other" in done.stdout
    chosen = json.loads(unzipped((rich_course.root / "a.zip").read_bytes())["choices.json"])
    assert chosen == {"language": "en", "minutes": 40, "sandbox": False, "visibility": "visible"}


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder.sh"])
def test_the_scripts_are_sound_bash(name: str) -> None:
    script = Path(results.__file__).parent / name
    subprocess.run(["bash", "-n", script], check=True, timeout=20)


# --- in a container --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the tiny course, made by the command and unpacked as Gradescope does it."""
    root = tmp_path_factory.mktemp("gradescope")
    write_course(root / "course", "90_tiny", TINY, TINY_GRADER)
    command = [sys.executable, "-m", "autograder.cli", "gradescope", "90_tiny", "--out", str(root / "a.zip")]
    done = subprocess.run(
        [*command, "--lang", "en"], cwd=root / "course", capture_output=True, text=True, timeout=60, check=True
    )
    assert "10 autograder points" in done.stdout
    assert "nobody but Gradescope" in done.stdout
    with zipfile.ZipFile(root / "a.zip") as archive:
        archive.extractall(root / "source")
    (root / "source" / "run_autograder").chmod(0o755)
    return root / "source"


Submit = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def submit(source: Path, tmp_path: Path) -> Submit:
    """Runs `run_autograder` on files, in an environment with nothing in it: the results and what is printed for instructors."""

    def run(
        files: dict[str, str], metadata: str = "", around: Sequence[str] = (), venv: str = sys.prefix, **more: str
    ) -> tuple[dict[str, Any], str]:
        root = tmp_path / "autograder"
        shutil.rmtree(root, ignore_errors=True)
        (root / "submission").mkdir(parents=True)
        (root / "source").symlink_to(source)
        shutil.copy(source / "run_autograder", root)
        (root / "submission_metadata.json").write_text(metadata)
        for name, content in files.items():
            (root / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "submission" / name).write_text(content)
        # The engine is the zip's own; installing it is what setup.sh would have done.
        settings = {"AUTOGRADER_ROOT": root, "AUTOGRADER_VENV": venv, "PYTHONPATH": source / "engine"}
        variables = [f"{name}={value}" for name, value in {**settings, **more}.items()]
        command = ["/usr/bin/env", "-i", *variables, *around, str(root / "run_autograder")]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
        found = valid(json.loads((root / "results" / "results.json").read_text()))
        assert list((root / "results").iterdir()) == [root / "results" / "results.json"]
        return found, done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def answered(source: Path) -> Callable[..., str]:
    """The reference with some tasks answered otherwise, as a student's file."""
    template = read_template(Course.load(source / "course").assignment("90_tiny"), "en")
    return lambda answers={}: nbformat.writes(template.reference(answers))


def test_a_right_submission(submit: Submit, answered: Callable[..., str]) -> None:
    found, printed = submit({"90_tiny.ipynb": answered(), "figure.png": "no notebook"})
    assert found["score"] == 10
    assert [(test["name"], test["score"], test["max_score"], test["status"]) for test in found["tests"]] == [
        ("mse: The value is the one asked for.", 4, 4, "passed"),
        ("mse: Column against row.", 2, 2, "passed"),
        ("scale: Lies between 0 and 1, and leaves its argument alone.", 4, 4, "passed"),
    ]
    assert found["output"].startswith("Graded. ")
    assert found["extra_data"]["status"] == "graded"
    assert "landlock" in found["extra_data"]["walls"]
    assert found["execution_time"] > 0
    assert "90_tiny: graded, 10 of 10 points" in printed


def test_a_wrong_submission_shows_hints_and_nothing_hidden(submit: Submit, answered: Callable[..., str]) -> None:
    found, _ = submit({"work/my homework.ipynb": answered(HALF)})
    assert found["score"] == 4
    assert [test["status"] for test in found["tests"]] == ["failed", "failed", "passed"]
    assert "This looks like half of it." in found["tests"][0]["output"]
    assert not any(secret in json.dumps(found) for secret in ("41537", "label-nobody", "expect_close"))


def test_a_submission_that_kills_its_kernel_keeps_what_it_earned(submit: Submit, answered: Callable[..., str]) -> None:
    found, _ = submit({"90_tiny.ipynb": answered(KILLED)})
    assert found["score"] == 6
    assert [test["status"] for test in found["tests"]] == ["passed", "passed", "failed"]
    assert found["extra_data"]["status"] == "graded"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no notebook"),
        ({"essay.txt": "Dear teacher"}, "no notebook"),
        ({"90_tiny.ipynb": "this is no notebook"}, "Reason:"),
    ],
)
def test_what_is_no_notebook_is_told_at_once(submit: Submit, files: dict[str, str], words: str) -> None:
    found, _ = submit(files)
    assert found["score"] == 0
    assert found["tests"] == []
    assert found["visibility"] == "visible"
    assert found["output"].startswith("Could not be graded. ")
    assert words in found["output"]
    assert found["extra_data"]["status"] == "rejected"


def test_of_two_notebooks_the_one_called_like_the_assignment_counts(
    submit: Submit, answered: Callable[..., str]
) -> None:
    found, _ = submit({"90_tiny.ipynb": answered(), "draft.ipynb": answered(HALF)})
    assert found["score"] == 10
    assert "“90_tiny.ipynb” was graded, not “draft.ipynb”" in found["output"]


def test_a_zip_of_several_assignments_asks_the_notebook_which_it_is_of(
    rich_course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "autograder"
    for name, content in unzipped(pack(rich_course, rich_course.select(()), Choices("es"))).items():
        (root / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "source" / name).write_bytes(content)
    (root / "submission").mkdir()
    work = read_template(rich_course.assignment("91_other"), "es").reference()
    for name in ("homework.ipynb", "another.ipynb"):
        (root / "submission" / name).write_text(nbformat.writes(work))
    grade(root)
    found = valid(json.loads((root / "results" / "results.json").read_text()))
    assert "Hay varios cuadernos en la entrega" in found["output"]
    (root / "submission" / "another.ipynb").unlink()
    grade(root)
    found = valid(json.loads((root / "results" / "results.json").read_text()))
    assert found["extra_data"]["assignment"] == "91_other"
    assert found["score"] == 10
    assert found["tests"][1]["name"] == "mse: Columna contra fila."
    assert "91_other: graded, 10 of 10 points" in capsys.readouterr().out


EARLIER = json.dumps(
    {
        "previous_submissions": [
            {"submission_time": "2026-11-02T10:00:00-07:00", "score": 7.5},
            {"submission_time": "2026-11-01T10:00:00-07:00", "score": 9.0},
            {"submission_time": "2026-11-03T10:00:00-07:00", "score": None},
        ]
    }
)


def test_under_dockers_profile_it_grades_with_the_walls_that_remain(
    submit: Submit, answered: Callable[..., str]
) -> None:
    found, printed = submit({"90_tiny.ipynb": answered()}, around=[*DEGRADED, "docker", "--"])
    assert found["score"] == 10, printed
    walls = found["extra_data"]["walls"]
    assert {"landlock", "seccomp", "rlimits", "capabilities"} <= set(walls)
    assert not any("namespace" in wall for wall in walls)
    assert ("uid" in walls) == (os.geteuid() == 0)


def test_without_a_wall_nothing_is_run_and_no_mark_is_taken_away(submit: Submit, answered: Callable[..., str]) -> None:
    found, printed = submit({"90_tiny.ipynb": answered()}, EARLIER, around=[*DEGRADED, "lockless", "--"])
    assert found["score"] == 7.5
    assert found["tests"] == []
    assert "the instructor has to mend the autograder" in found["output"]
    assert "previous submission stands (7.5)" in found["output"]
    assert found["extra_data"] == {"status": "needs_review"}
    assert "landlock" in printed.lower()


def test_a_broken_grader_costs_nothing(submit: Submit, answered: Callable[..., str], source: Path) -> None:
    grader = source / "course" / "solutions" / "90_tiny" / "test_90_tiny.py"
    whole = grader.read_text()
    try:
        grader.write_text("import nothing_like_it\n")
        found, printed = submit({"90_tiny.ipynb": answered()}, EARLIER)
    finally:
        grader.write_text(whole)
    assert found["score"] == 7.5
    assert found["output"].startswith("Needs review. ")
    assert "the hidden grader is broken" in printed
    assert "Rerun Autograder" in printed
    assert "nothing_like_it" not in json.dumps(found)


def test_our_own_crash_is_told_as_ours(submit: Submit, answered: Callable[..., str], source: Path) -> None:
    chosen = source / "choices.json"
    whole = chosen.read_text()
    try:
        chosen.write_text(json.dumps({**json.loads(whole), "language": "fr"}))
        found, printed = submit({"90_tiny.ipynb": answered()})
    finally:
        chosen.write_text(whole)
    assert "a fault on our side: it is not yours" in found["output"]
    assert found["extra_data"] == {"status": "needs_review"}
    assert "make the zip anew" in printed


def test_there_are_results_even_where_python_does_not_start(submit: Submit, answered: Callable[..., str]) -> None:
    found, printed = submit({"90_tiny.ipynb": answered()}, venv="/nowhere")
    assert "a fault on our side" in found["output"]
    assert "/nowhere/bin/python" in printed


# --- what is said ----------------------------------------------------------------------------------------------------


def check(outcome: Outcome, points: float, message: Text = OUR_FAULT, cause: Cause | None = None) -> CheckResult:
    title = Text("Suma.", "Adds.")
    return CheckResult(f"90_tiny.{points:g}", "mse", outcome, points, title, message, cause=cause)


REVIEW = Report(
    "",
    "90_tiny",
    Status.NEEDS_REVIEW,
    (check(Outcome.PASSED, 2.5, Text("Bien.", "Right.")), check(Outcome.UNJUDGED, 1), check(Outcome.UNJUDGED, 3.5)),
    walls=("landlock",),
    repairs=(Text("Arreglado.", "Put right \x1b[31mred."),),
    max_score=7,
    answers=(Answer("explain", "ab" * 32), Answer("untouched", None)),
)


def test_an_unjudged_check_has_no_score_and_says_who_will_look() -> None:
    found = valid(json.loads(json.dumps(results.of(REVIEW, Choices("en", "after_published")))))
    assert found["score"] == 2.5
    assert found["visibility"] == "after_published"
    passed, one, more = found["tests"]
    assert (passed["score"], passed["max_score"], passed["status"]) == (2.5, 2.5, "passed")
    for test in (one, more):
        assert not {"score", "max_score", "status"} & test.keys()
        assert test["visibility"] == "after_published"
        assert test["name"] == "mse: Adds. (To be reviewed)"
        assert OUR_FAULT.en in test["output"]
    assert one["output"].endswith("1 point still to be reviewed")
    assert more["output"].endswith("3.5 points still to be reviewed")
    assert "provisional" in found["output"]
    assert "- Put right red." in found["output"]
    assert "Answers in your own words are marked by a person" in found["output"]
    assert "3,5 puntos por revisar" in results.of(REVIEW, Choices("es"))["tests"][2]["output"]


def test_an_earlier_score_stands_only_where_it_is_higher_and_we_are_at_fault() -> None:
    chosen = Choices("es")
    assert results.of(REVIEW, chosen, 6.5)["score"] == 6.5
    assert "entrega anterior (6,5)" in results.of(REVIEW, chosen, 6.5)["output"]
    assert results.of(REVIEW, chosen, 1.0)["score"] == 2.5
    graded = replace(REVIEW, status=Status.GRADED, checks=REVIEW.checks[:1], answers=())
    assert results.of(graded, chosen, 6.5)["score"] == 2.5
    assert "provisional" not in results.of(graded, chosen, 6.5)["output"]
    assert "con tus palabras" not in results.of(graded, chosen)["output"]
    assert results.lost(chosen)["score"] == 0
    assert results.lost(chosen, 4.0, unsafe=True)["score"] == 4


def test_a_run_without_walls_says_so() -> None:
    assert "Run without a sandbox" in results.of(replace(REVIEW, walls=()), Choices("en"))["output"]
    assert "sandbox" not in results.of(REVIEW, Choices("en"))["output"]


def test_a_text_of_any_length_is_cut() -> None:
    long = check(Outcome.FAILED, 1, Text("a" * 9000, "a" * 9000))
    found = results.of(replace(REVIEW, checks=(long,)), Choices("en"))
    assert len(found["tests"][0]["output"]) == 4000


@pytest.mark.parametrize(
    ("metadata", "score"),
    [
        (EARLIER, 7.5),
        ("", None),
        ("[1]", None),
        ('{"previous_submissions": 3}', None),
        ('{"previous_submissions": [7, null]}', None),
        ('{"previous_submissions": [{"score": "x"}, {"score": NaN}, {"score": -1}]}', None),
        ('{"previous_submissions": [{"score": "8.0", "submission_time": null}]}', 8.0),
    ],
)
def test_the_previous_score_is_read_from_whatever_is_there(metadata: str, score: float | None, tmp_path: Path) -> None:
    path = tmp_path / "submission_metadata.json"
    assert previous_score(path) is None
    path.write_text(metadata)
    assert previous_score(path) == score


# --- within a small container ----------------------------------------------------------------------------------------


def test_limits_are_lowered_to_what_the_container_gives(tiny_course: Course) -> None:
    lowered, short = within(tiny_course, 512 << 20, 400)
    limits = lowered.assignment("90_tiny").limits
    assert limits == replace(Limits(), memory=512 << 20, total_seconds=400)
    assert short["90_tiny"] == Shortage(512 << 20, 400)
    lowered, short = within(tiny_course, 64 << 30, 4000)
    assert lowered.assignment("90_tiny").limits == Limits()
    assert short["90_tiny"] == Shortage()


def test_memory_that_the_container_lacks_is_our_fault(tiny: Bench, using: Callable[[Bench, Course], Bench]) -> None:
    course, short = within(tiny.course, 300 << 20, 600)
    hog = {"mse": "def mse(a, b):\n    return len([b'x' * 50_000_000 for _ in range(12)])"}
    report = using(tiny, course).grade(hog)
    assert [one.outcome for one in report.checks] == [Outcome.FAILED, Outcome.FAILED, Outcome.PASSED]
    told = fair(report, short["90_tiny"])
    assert [one.outcome for one in told.checks] == [Outcome.UNJUDGED, Outcome.UNJUDGED, Outcome.PASSED]
    assert told.status is Status.NEEDS_REVIEW
    assert "300 MiB and as much time as promised" in told.faults[-1]
    assert told.score == 4
    assert fair(report, Shortage()) == report


def test_time_that_the_container_lacks_is_our_fault(tiny: Bench, using: Callable[[Bench, Course], Bench]) -> None:
    course, short = within(tiny.course, 64 << 30, 3)
    report = using(tiny, course).grade({"mse": "import time\n\ndef mse(a, b):\n    time.sleep(30)"})
    assert [one.cause for one in report.checks] == [Cause.TIMED_OUT] * 3
    told = fair(report, short["90_tiny"])
    assert [one.outcome for one in told.checks] == [Outcome.UNJUDGED] * 3
    assert "3 s for the submission" in told.faults[-1]


def test_a_killed_kernel_stays_the_students_fault_in_a_small_container(
    tiny: Bench, using: Callable[[Bench, Course], Bench]
) -> None:
    course, short = within(tiny.course, 1 << 30, 600)
    report = using(tiny, course).grade(KILLED)
    assert short["90_tiny"].memory == 1 << 30
    assert fair(report, short["90_tiny"]) == report
    assert report.status is Status.GRADED
    # Unless the kernel counts that it killed for want of memory, or there was next to none.
    for shortage in (Shortage(killed=True), Shortage(memory=256 << 20)):
        told = fair(report, shortage)
        assert [one.outcome for one in told.checks] == [Outcome.PASSED, Outcome.PASSED, Outcome.UNJUDGED]
        assert told.status is Status.NEEDS_REVIEW
    assert "less memory than its processes needed" in fair(report, Shortage(killed=True)).faults[-1]
