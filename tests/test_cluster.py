"""A class on many machines: the same verdicts, whatever becomes of the machines, and none from one that might judge otherwise."""

from __future__ import annotations

import hashlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from distributed import Client

import autograder
from autograder.authoring import read_template
from autograder.batch import Graded, grade_class
from autograder.cluster import Offer, Place, RemoteGrader, make_certificates, tasks
from autograder.cluster.identity import Identity
from autograder.cluster.roster import Member
from autograder.cluster.tasks import Bundle, Task
from autograder.cluster.workshop import Refused, Workshop, _Door
from autograder.course import Course, Limits, Settings
from autograder.engine import Engine
from autograder.errors import ClusterError, UsageError
from autograder.fingerprint import Fingerprints
from autograder.intake import Handed
from autograder.journal import Journal
from autograder.machine import available_memory
from autograder.packing import course_files, zipped
from autograder.records import Report, Status

from .cluster import Cluster, Started, until
from .conftest import Bench
from .outcome import verdicts
from .test_same_verdict import ANSWERS, handed

CLI = [sys.executable, "-m", "autograder.cli"]
DEGRADED = [sys.executable, str(Path(__file__).with_name("degraded.py"))]
SLOW = "import time\n\ndef mse(a, b):\n    time.sleep(0.15)\n    return {number}.0"
KILLER = """
import os, signal, time

def mse(a, b):
    pid = os.getpid()
    while pid > 1:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"multiprocessing" in file.read():
                os.kill(pid, signal.SIGKILL)
                time.sleep(60)
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
"""
"""Kills the worker that grades it, which it can find where there are no walls."""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def cluster(certificates: tuple[Path, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers that speak TLS."""
    with Cluster(tmp_path_factory.mktemp("cluster"), certificates) as one:
        one.join("--jobs", "1", count=2)
        yield one


def graded(
    engine: Engine, place: Place, items: list[Handed], done: Any = lambda one: None, **options: Any
) -> list[Graded]:
    with RemoteGrader(engine, place) as grader, ThreadPoolExecutor(32) as executor:
        return grade_class(grader, items, executor, done, ahead=lambda: grader.ahead, **options)


def told(reports: list[Report]) -> list[Report]:
    """Everything that is made from reports, without what the clock said."""
    found = []
    for report in reports:
        cells = tuple(replace(run, seconds=0.0) for run in report.cells)
        checks = tuple(replace(check, seconds=0.0) for check in report.checks)
        found.append(replace(report, seconds=0.0, cells=cells, checks=checks))
    return found


def slow_class(bench: Bench, size: int) -> list[Handed]:
    """Submissions that differ, each slow enough to be caught at it."""
    return handed(bench, {f"s{number}": {"mse": SLOW.format(number=number)} for number in range(size)})


# --- the same verdicts -----------------------------------------------------------------------------------------------


def test_two_workers_give_the_reports_of_this_machine_into_the_same_journal(
    tiny: Bench, cluster: Cluster, tmp_path: Path
) -> None:
    items = handed(tiny, ANSWERS)
    others = (("again", items[0].data), ("pdf", b"%PDF"), ("none", None))
    items += [Handed(who, tiny.name, data, who, None) for who, data in others]
    with ThreadPoolExecutor(2) as executor:
        here = grade_class(tiny.engine, items, executor)
    there = graded(tiny.engine, cluster.place, items)
    assert told([one.report for one in there]) == told([one.report for one in here])
    assert {bool(one.report.walls) for one in there} == {True, False}
    with Journal(tmp_path) as journal:
        assert [one.fresh for one in graded(tiny.engine, cluster.place, items[:3], journal=journal)] == [True] * 3
    with Journal(tmp_path) as journal, ThreadPoolExecutor(1) as executor:
        # This machine finds what the cluster judged, and would have judged alike.
        known = grade_class(tiny.engine, items[:3], executor, journal=journal)
        assert [one.fresh for one in known] == [False] * 3
        assert told([one.whole(journal) for one in known]) == told([one.report for one in here[:3]])
    logs = [worker.said for worker in cluster.workers]
    assert all("graded" in log and "walls checked" in log for log in logs)
    assert not any("41537" in log or "mse" in log for log in logs)


def test_the_command_grades_on_a_cluster(tiny_course: Course, cluster: Cluster, tiny: Bench) -> None:
    template = read_template(tiny_course.assignment("90_tiny"), "en")
    for name in ("right", "wrong"):
        path = tiny_course.root / "in" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(nbformat.writes(template.reference(ANSWERS[name])))

    command = [
        *CLI,
        "grade",
        "in",
        "--assignment",
        "90_tiny",
        "--lang",
        "en",
        "--dask",
        cluster.address,
        *cluster.options,
    ]
    done = subprocess.run(command, cwd=tiny_course.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    there = verdicts(tiny_course.root / "results" / "reports.json")
    here = [
        tiny.engine.grade(path.read_bytes(), "90_tiny", path.stem)
        for path in sorted((tiny_course.root / "in").iterdir())
    ]
    assert [(each["student"], each["score"]) for each in there] == [(each.student, each.score) for each in here]


def begun(client: Client, worker: Started) -> int:
    """How many submissions a worker has begun, by what it noted at the scheduler."""
    runs = client.get_metadata([tasks.BEGUN], {})
    home = f"{socket.gethostname()}-{worker.process.pid}"
    return sum(home in workers.values() for run in runs.values() for workers in run.values())


# --- machines die ----------------------------------------------------------------------------------------------------


def test_what_a_lost_worker_was_grading_is_graded_elsewhere(tiny: Bench, cluster: Cluster, tmp_path: Path) -> None:
    items = slow_class(tiny, 7)
    with ThreadPoolExecutor(2) as executor:
        here = grade_class(tiny.engine, items, executor)
    [doomed] = cluster.join("--jobs", "1")
    seen: list[str] = []

    def done(one: Graded) -> None:
        seen.append(one.report.student)

    def kill() -> None:
        with Client(cluster.address, security=cluster.place.security(), set_as_default=False) as client:
            until(lambda: begun(client, doomed) > doomed.said.count(": graded "), "it began nothing")
            doomed.kill()

    killing = threading.Thread(target=kill)
    killing.start()
    with Journal(tmp_path) as journal:
        there = graded(tiny.engine, cluster.place, items, done, journal=journal)
        killing.join()
        assert told([one.whole(journal) for one in there]) == told([one.report for one in here])
    assert sorted(seen) == sorted(item.student for item in items)
    assert "sent back" in "".join(worker.said for worker in cluster.workers)


def test_a_submission_that_kills_its_worker_again_and_again_is_given_up_and_no_other(
    tiny: Bench, cluster: Cluster
) -> None:
    [worker] = cluster.join("--jobs", "2", "--no-sandbox")
    items = [*handed(tiny, {"killer": {"mse": KILLER}}), *slow_class(tiny, 4)]
    with Engine(tiny.course, sandbox=False) as engine:
        found = {one.report.student: one.report for one in graded(engine, cluster.place, items)}
    killer = found.pop("killer")
    assert (killer.status, killer.score) == (Status.NEEDS_REVIEW, 0.0)
    assert "died while they graded it and nothing else" in killer.faults[0]
    assert {report.status for report in found.values()} == {Status.GRADED}
    assert {report.walls for report in found.values()} == {()}
    # In company once, and twice alone.
    assert worker.said.count("joined") == 4
    assert all("NO SANDBOX" not in each.said for each in cluster.workers if each is not worker)


def test_without_a_scheduler_one_sentence_is_said_and_what_is_graded_stays(
    tiny_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.cluster.remote._JOIN_SECONDS", 0.5)
    template = read_template(tiny_course.assignment("90_tiny"), "en")
    for number in range(12):
        path = tiny_course.root / "in" / f"s{number:02}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(nbformat.writes(template.reference({"mse": SLOW.format(number=number)})))
    command = [*CLI, "grade", "in", "--assignment", "90_tiny", "--lang", "en"]
    with Cluster(tmp_path) as other:
        with Engine(tiny_course) as engine, pytest.raises(ClusterError, match="No worker has joined"):
            RemoteGrader(engine, other.place)
        [worker] = other.join("--jobs", "2")
        client = subprocess.Popen(
            [*command, "--dask", other.address],
            cwd=tiny_course.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: worker.said.count("graded") >= 3, worker.said)
        other.scheduler.kill()
        _, errors = client.communicate(timeout=60)
        assert client.returncode == 1
        [line] = [line for line in errors.splitlines() if line.startswith("autograder:")]
        assert f"The scheduler at {other.address} is gone: what is graded stays" in line
        assert "Traceback" not in errors
        assert worker.process.wait(60) == 1
        assert f"The scheduler at {other.address} has ended" in worker.said
    with Journal(tiny_course.root / "results") as journal:
        fingerprints = Fingerprints(tiny_course)
        kept = [
            journal.find(fingerprints.of(path.read_bytes(), "90_tiny")) for path in (tiny_course.root / "in").iterdir()
        ]
    # The next run grades the others.
    assert 2 <= sum(each is not None for each in kept) < 12


# --- machines that may not judge -------------------------------------------------------------------------------------


def test_a_worker_with_another_engine_gets_nothing_to_grade(tiny: Bench, cluster: Cluster, tmp_path: Path) -> None:
    package = Path(autograder.__file__).parent
    shutil.copytree(package, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "autograder" / "text.py").open("a") as file:
        file.write("\n# Another version.\n")
    [other] = cluster.join(engine=tmp_path)
    lines: list[str] = []
    with RemoteGrader(tiny.engine, cluster.place, lines.append) as grader, ThreadPoolExecutor(4) as executor:
        found = grade_class(grader, handed(tiny, ANSWERS)[:4], executor)
    assert {one.report.status for one in found} == {Status.GRADED}
    [line] = [line for line in lines if "engine" in line]
    ours = Identity.here(sandbox=True)
    assert f"{ours.surroundings['engine'][:12]} here" in line
    assert " there" in line
    assert "graded" not in other.said


def bundle_of(course: Course) -> bytes:
    return zipped(course_files(course, course.select(()), pinned=True))


def refusal(course: Course, bundle: Bundle | None, identity: Identity, data: bytes = b"x") -> str:
    """What a worker says of a task for this course's own bundle."""
    sha = hashlib.sha256(bundle_of(course)).hexdigest()
    fingerprint = Fingerprints(course).of(b"x", "90_tiny")
    workshop = Workshop(identity, lambda _: bundle)
    try:
        with pytest.raises(Refused) as caught:
            workshop.grade(data, Task("t", "r", sha, fingerprint, "90_tiny"), lambda: None)
    finally:
        workshop.close()
    return str(caught.value)


def test_a_worker_refuses_what_it_might_judge_otherwise(tiny_course: Course) -> None:
    here = Identity.here(sandbox=True)
    content = bundle_of(tiny_course)
    assert "changed it" in refusal(tiny_course, Bundle(content + b"\0", here.surroundings), here)
    assert "lost the course" in refusal(tiny_course, None, here)
    packages = {**here.surroundings["packages"], "numpy": "1.0"}
    older = Bundle(content, {**here.surroundings, "packages": packages})
    assert f"numpy {here.surroundings['packages']['numpy']} there, 1.0 here" in refusal(tiny_course, older, here)
    bare = Identity.here(sandbox=False)
    assert "walls off there, on here" in refusal(tiny_course, Bundle(content, here.surroundings), bare)
    # Other bytes than those that the verdict would be kept for.
    assert "COURSE_DATA" in refusal(tiny_course, Bundle(content, here.surroundings), here, b"y")


def test_a_course_lies_at_a_worker_for_its_user_alone_and_is_deleted(tiny_course: Course) -> None:
    here = Identity.here(sandbox=True)
    fetched: list[str] = []
    courses: dict[str, Course] = {}
    for number in range(4):
        courses[str(number)] = replace(
            tiny_course, assignments={"90_tiny": Settings(limits=Limits(cell_seconds=9 + number))}
        )
    packed = {number: bundle_of(course) for number, course in courses.items()}
    hashes = {hashlib.sha256(content).hexdigest(): content for content in packed.values()}

    def fetch(sha: str) -> Bundle:
        fetched.append(sha)
        return Bundle(hashes[sha], here.surroundings)

    workshop = Workshop(here, fetch)
    top = Path(workshop._scratch.path)
    for sha, course in zip(hashes, courses.values(), strict=True):
        for _ in range(2):
            task = Task("t", "r", sha, Fingerprints(course).of(b"x", None), None)
            assert workshop.grade(b"x", task, lambda: None).status is Status.REJECTED
    assert fetched == list(hashes)
    kept = [path for path in top.iterdir() if path.name.startswith("course-")]
    assert {path.name for path in kept} == {f"course-{sha}" for sha in fetched[-2:]}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o700}
    workshop.close()
    assert not top.exists()


def test_who_has_to_be_alone_waits_for_the_others_and_keeps_them_out() -> None:
    door, events = _Door(), []
    inside = threading.Event()

    def pass_through(name: str, alone: bool) -> None:
        with door.passed(alone=alone):
            events.append(f"{name} in")
            if name == "first":
                inside.set()
                time.sleep(0.2)
            time.sleep(0.05)
            events.append(f"{name} out")

    threads = [threading.Thread(target=pass_through, args=("first", False))]
    threads[0].start()
    inside.wait()
    for name, alone in (("alone", True), ("late", False), ("later", False)):
        threads.append(threading.Thread(target=pass_through, args=(name, alone)))
        threads[-1].start()
        time.sleep(0.03)
    for thread in threads:
        thread.join()
    assert events[:4] == ["first in", "first out", "alone in", "alone out"]
    assert sorted(events[4:]) == ["late in", "late out", "later in", "later out"]


def test_a_worker_is_told_apart_by_what_it_says_of_itself() -> None:
    here = Identity({"engine": "aa", "walls": True, "packages": {"numpy": "2.0", "keras": "3.0"}}, "f" * 64)
    card = {"home": "lab-7", "born": "1", "identity": {"surroundings": here.surroundings, "full": here.full}}

    def unfit(card: Any, *, full: bool = False) -> str | None:
        return Member.of("tls://a:1", {"nthreads": 2, "autograder": card}).unfit(here, full=full)

    assert unfit(card) is None
    assert unfit(card, full=True) is None
    assert "not started with `autograder worker`" in str(unfit(None))
    assert "not started with `autograder worker`" in str(unfit({"home": "lab-7"}))
    without = {**card, "identity": {"surroundings": here.surroundings, "full": None}}
    assert unfit(without) is None
    assert "data sets none there, ffffffffffff here" in str(unfit(without, full=True))
    other = {"engine": "bb", "walls": True, "packages": {"numpy": "2.1", "scipy": "1"}}
    sentence = str(unfit({**card, "identity": {"surroundings": other, "full": None}}))
    assert (
        "engine bb there, aa here; numpy 2.1 there, 2.0 here; keras none there, 3.0 here; scipy 1 there, none here"
        in sentence
    )
    many = {**other, "packages": {f"p{number}": "1" for number in range(9)}}
    assert sentence != (more := str(unfit({**card, "identity": {"surroundings": many, "full": None}})))
    assert "more. Bring it to the same version" in more


def test_a_worker_without_a_wall_joins_nothing(cluster: Cluster, tiny: Bench) -> None:
    bare = cluster.begin(before=[*DEGRADED, "lockless", "--"])
    assert bare.process.wait(60) == 1
    assert "This worker joins no cluster: landlock" in bare.said
    assert "Traceback" not in bare.said


def test_a_client_that_nobody_can_grade_for_is_told_why(
    tiny: Bench, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ClusterError, match=r"Nobody at .* can grade.*KERAS_BACKEND none there, jax here"):
        RemoteGrader(tiny.engine, cluster.place)


# --- who may speak to whom -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://10.0.0.1:8786", "over a network, so TLS is needed: name --tls-ca"),
        ("head:8786", "over a network, so TLS is needed"),
        ("tls://head:8786", "speaks TLS: name --tls-ca"),
        ("ws://127.0.0.1:8786", "no address of a Dask scheduler"),
        ("inproc://127.0.0.1", "no address of a Dask scheduler"),
        ("tls://", "no address of a Dask scheduler"),
        ("127.0.0.1:port", "no address of a Dask scheduler"),
    ],
)
def test_nothing_is_spoken_over_a_network_without_tls(address: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Place.of(address)


def test_addresses_and_certificates_are_taken_from_options_or_from_dask(
    certificates: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask.config

    assert Place.of("127.0.0.1") == Place("tcp://127.0.0.1:8786")
    assert Place.of("tcp://[::1]:9").address == "tcp://[::1]:9"
    assert Place.of("localhost:9").address == "tcp://localhost:9"
    assert Place.of("head:9", *certificates) == Place("tls://head:9", *certificates)
    ca, certificate, key = certificates
    settings = {"ca-file": ca, "worker.cert": certificate, "worker.key": key}
    with dask.config.set({f"distributed.comm.tls.{name}": str(path) for name, path in settings.items()}):
        assert Place.of("head:9") == Place("tls://head:9", *certificates)
    with pytest.raises(UsageError, match="--tls-key is missing"):
        Place.of("head:9", ca, certificate)
    with pytest.raises(UsageError, match=r"nothing\.pem is not there"):
        Place.of("head:9", ca, certificate, tmp_path / "nothing.pem")
    others = make_certificates(tmp_path / "others")
    with pytest.raises(UsageError, match="could not be used with"):
        Place.of("head:9", ca, certificate, others[2]).security()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'autograder\[dask\]'"):
        Place.of("head:9")


def test_certificates_of_another_authority_open_nothing(tiny: Bench, cluster: Cluster, tmp_path: Path) -> None:
    others = make_certificates(tmp_path / "others")
    with pytest.raises(ClusterError, match="No scheduler answers"):
        RemoteGrader(tiny.engine, Place.of(cluster.address, *others))


def test_the_key_is_for_its_owner_alone_and_is_never_overwritten(certificates: tuple[Path, Path, Path]) -> None:
    ca, certificate, key = certificates
    assert key.stat().st_mode & 0o777 == 0o600
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(certificate, key)
    before = key.read_bytes()
    with pytest.raises(UsageError, match=r"ca\.pem exists"):
        make_certificates(ca.parent)
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["worker"], "Name the scheduler"),
        (["worker", "tls://head", "--make-certificates", "x"], "joins no cluster"),
        (["worker", "tcp://10.0.0.1:8786"], "TLS is needed"),
        (["grade", "in", "--dask", "127.0.0.1", "--jobs", "2"], "give it to each `autograder worker`"),
        (["grade", "in", "--tls-ca", "x"], "name it with --dask"),
        (["grade", "in", "--dask", "head:8786"], "TLS is needed"),
    ],
)
def test_wrong_usage_gets_one_sentence(command: list[str], words: str, tiny_course: Course) -> None:
    done = subprocess.run([*CLI, *command], cwd=tiny_course.root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_worker_offers_what_its_machine_has() -> None:
    assert Offer.of(3, 5) == Offer(3, 5)
    assert Offer.of(sandbox=False).jobs >= 1
    assert 0 < Offer.of().memory <= available_memory() * 2
