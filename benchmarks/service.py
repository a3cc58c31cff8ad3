"""What `autograder serve` keeps when it is killed, and what it answers while a class hands in.

    python benchmarks/service.py --kill --rounds 20     kill -9 of the service or of a worker, at bad moments
    python benchmarks/service.py --load --uploads 50    all at once; every page is timed while they are graded

A round of `--kill` hands in three notebooks over HTTP, kills, and starts the service again. Then every attempt that was
acknowledged must have one verdict, equal to what grading it undisturbed gives, and the platform must have got no mark twice and
show the last one of each student. Both use the course's NumPy assignment, real processes and real HTTP, and end with 1 if
anything is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx
import nbformat
from sqlalchemy import func, select

from autograder.authoring import read_template
from autograder.course import Course
from autograder.engine import Engine
from autograder.lti import ToolKeys
from autograder.serve import tables
from autograder.serve.database import Database
from autograder.serve.settings import Settings
from autograder.serve.tables import (
    Activity,
    Attempt,
    Counts,
    Job,
    Kind,
    Membership,
    Person,
    Posting,
    PostState,
    Role,
    Section,
    State,
)
from autograder.serve.web import sessions
from autograder.variants import mistakes

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.lti_platform import SCOPES, Fault, LtiPlatform  # noqa: E402 - the repository's root is no installed package
from tests.lti_platform import Person as Member  # noqa: E402

NAME = "01_mse"
WANTED_SECONDS = 1.0
"""For every page, whatever waits; an upload is acknowledged when it is on the disk, which of many at once one is the last."""
MOMENTS = (
    "the service while grading",
    "a worker while grading",
    "the service while posting",
    "a worker while posting",
    "the service while uploading",
)


class Run:
    """A service on a folder of its own, with one class; its process may be killed and started again.

    Args:
        students: their subjects.
        platform: where marks go; `None` for a class without an LMS.
        jobs: submissions at the same time.
    """

    def __init__(self, folder: Path, students: Sequence[str], platform: LtiPlatform | None, jobs: int) -> None:
        self.folder, self.platform = folder, platform
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "AUTOGRADER_DATA": str(folder), "AUTOGRADER_URL": self.url}
        self.environment.pop("AUTOGRADER_DATABASE", None)
        self.environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), self.environment.get("PYTHONPATH", "")])
        self.jobs = jobs
        self.database = Database(f"sqlite:///{folder / 'service.db'}")
        self.database.migrate()
        self.log = (folder / "log").open("ab")
        self.settings = Settings.read(ROOT, host="127.0.0.1", port=self.port, environment=self.environment)
        self.tokens: dict[str, str] = {}
        self.activity = 0
        self._fill(students)
        self.process: subprocess.Popen[bytes] | None = None

    def _fill(self, students: Sequence[str]) -> None:
        moment = datetime.now(UTC)
        with self.database.begin() as session:
            section = Section(context_id="c", title="Class")
            activity = Activity(section=section, link_id="1", kind=Kind.ASSIGNMENT, name=NAME, counts=Counts.LAST)
            session.add(activity)
            if self.platform is not None:
                keys = ToolKeys.load(self.settings.tool_keys)
                self.platform.add_tool(self.url, jwks=keys.jwks())
                ours = tables.Platform(
                    issuer=self.platform.url,
                    client_id="tool-1",
                    auth_login_url=self.platform.auth_url,
                    auth_token_url=self.platform.token_url,
                    jwks_url=self.platform.jwks_url,
                    added_at=moment,
                )
                session.add(ours)
                session.flush()
                section.platform_id = ours.id
                activity.line_item_url = self.platform.column_url("1")
                activity.scopes = " ".join(SCOPES[name] for name in ("score", "result.readonly"))
            for name in (*students, "teacher"):
                role = Role.TEACHER if name == "teacher" else Role.STUDENT
                person = Person(subject=name, name=name, platform_id=section.platform_id)
                session.add(Membership(section=section, person=person, role=role))
                self.tokens[name] = sessions.sign_in(session, person, moment)
            session.flush()
            self.activity = activity.id

    def start(self) -> float:
        """Start it; the seconds until it answers."""
        began = time.monotonic()
        command = [sys.executable, "-m", "autograder.cli", "serve", "--port", str(self.port), "--jobs", str(self.jobs)]
        self.process = subprocess.Popen(
            [*command, "--course", str(ROOT)], env=self.environment, stderr=self.log, start_new_session=True
        )
        until(lambda: self._answers("/healthz"), 120)
        return time.monotonic() - began

    def _answers(self, path: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the service has ended by itself"
        try:
            return httpx.get(self.url + path, timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def ready(self) -> bool:
        """Whether a worker is there too."""
        return self._answers("/readyz")

    def children(self, module: str) -> list[int]:
        """The process numbers of the children that run `module`."""
        assert self.process is not None
        found = []
        for number in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if module.encode() in Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0"):
                found.append(int(number))
        return found

    def kill(self) -> None:
        """As if the power had gone, for the one process that all others hang on."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def client(self, name: str) -> httpx.AsyncClient:
        """A browser of this person."""
        cookies = {sessions.cookie_name(self.settings): self.tokens[name]}
        # Without certificates, whose loading would take longer than the pages.
        return httpx.AsyncClient(base_url=self.url, cookies=cookies, timeout=120, trust_env=False, verify=False)

    async def hand_in(self, name: str, data: bytes) -> str | None:
        """The token of the attempt, if the service acknowledged it."""
        try:
            async with self.client(name) as client:
                page = await client.get(f"/activities/{self.activity}")
                fields = dict(re.findall(r'<input type="hidden" name="(csrf|key)" value="([^"]*)"', page.text))
                answer = await client.post(
                    f"/activities/{self.activity}", data=fields, files={"file": ("a.ipynb", data, "application/json")}
                )
        except httpx.HTTPError:
            return None
        found = re.search(r"/attempts/([\w-]+)", answer.headers.get("location", ""))
        return found[1] if answer.status_code == 303 and found else None


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for `condition()`; at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def variants(course: Course) -> dict[str, tuple[bytes, float]]:
    """Notebooks with what they are worth when nothing disturbs: the reference, and a few wrong ones."""
    assignment = course.assignment(NAME)
    template = read_template(assignment, "es")
    answers = [{}, *({variant.task: variant.source} for variant in mistakes(assignment)[:3])]
    found = {}
    with Engine(course) as engine:
        for number, each in enumerate(answers):
            data = nbformat.writes(template.reference(each)).encode()
            found[str(number)] = data, engine.grade(data, NAME).score
    return found


def unlike(data: bytes) -> bytes:
    """The same answers in a file that is equal to no other, so that it is graded."""
    notebook = nbformat.reads(data.decode(), as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"# {secrets.token_hex(8)}"))
    return nbformat.writes(notebook).encode()


# --- kill ------------------------------------------------------------------------------------------------------------


def kill(rounds: int, chance: random.Random) -> int:
    """All rounds; 0 when nothing was lost, wrong or sent twice."""
    students = [f"s{number}" for number in range(6)]
    known = variants(Course.load(ROOT))
    expected: dict[str, float] = {}
    unheard = 0
    with tempfile.TemporaryDirectory(prefix="service-") as name, LtiPlatform() as platform:
        platform.people = {student: Member(student, student) for student in students}
        run = Run(Path(name), students, platform, jobs=2)
        print(f"the service answers after {run.start():.1f} s", flush=True)
        try:
            for number in range(rounds):
                until(run.ready, 180)
                began = time.monotonic()
                whom = chance.sample(students, 3)
                chosen = [chance.choice(list(known)) for _ in whom]
                moment = MOMENTS[number % len(MOMENTS)]
                tokens = _disturbed(
                    run, moment, [(who, unlike(known[key][0])) for who, key in zip(whom, chosen, strict=True)], chance
                )
                for token, key in zip(tokens, chosen, strict=True):
                    if token is None:
                        unheard += 1
                    else:
                        expected[token] = known[key][1]
                if run.process is not None and run.process.poll() is not None:
                    run.start()
                until(lambda: settled(run.database), 300)
                print(
                    f"round {number + 1:2}: killed {moment}; {sum(map(bool, tokens))} of 3 acknowledged, settled after "
                    f"{time.monotonic() - began:.1f} s",
                    flush=True,
                )
        finally:
            run.stop()
        wrong = [*_lost(run.database, expected), *_twice(platform), *_shown(run.database, platform)]
        with run.database.read() as session:
            again = session.scalar(select(func.sum(Job.tries - 1))) or 0
        print(f"{len(expected)} attempts acknowledged, {unheard} uploads unanswered; {again} jobs were taken again")
        print(f"{len(platform.received)} marks arrived")
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


def _disturbed(run: Run, moment: str, uploads: Sequence[tuple[str, bytes]], chance: random.Random) -> list[str | None]:
    """Hand in, and kill at some time after what `moment` says has begun; which uploads were acknowledged."""
    platform = run.platform
    assert platform is not None
    posts = platform.requests["scores"]
    if "posting" in moment:
        # Some are taken and the answer is long in coming, some are not taken: the kill falls in between.
        taken = Fault(status=200, applied=True, seconds=1.5, body=b"[]")
        platform.fail("scores", *chance.sample([taken, taken, Fault(seconds=1.5)], 2))

    def strike() -> None:
        if "grading" in moment:
            until(lambda: _running(run.database), 120)
            time.sleep(chance.uniform(0.0, 0.5))
        elif "uploading" in moment:
            time.sleep(chance.uniform(0.0, 0.5))
        else:
            until(lambda: platform.requests["scores"] > posts, 180)
            time.sleep(chance.uniform(0.0, 1.2))
        if "service" in moment:
            run.kill()
        else:
            for number in run.children("autograder.serve.worker"):
                os.kill(number, signal.SIGKILL)

    async def send() -> list[str | None]:
        return list(await asyncio.gather(*(run.hand_in(who, data) for who, data in uploads)))

    striking = threading.Thread(target=strike)
    striking.start()
    tokens = asyncio.run(send())
    striking.join()
    return tokens


def _running(database: Database) -> bool:
    with database.read() as session:
        return session.scalars(select(Job.id).where(Job.state == State.RUNNING)).first() is not None


def settled(database: Database) -> bool:
    """Whether nothing is left to be graded or sent."""
    with database.read() as session:
        jobs = session.scalar(select(func.count()).select_from(Job).where(Job.state != State.DONE))
        waiting = Posting.state.in_([PostState.WAITING, PostState.SENDING])
        return not jobs and not session.scalar(select(func.count()).select_from(Posting).where(waiting))


def _lost(database: Database, expected: Mapping[str, float]) -> Iterator[str]:
    with database.read() as session:
        attempts = {attempt.token: attempt for attempt in session.scalars(select(Attempt))}
        for token, score in expected.items():
            attempt = attempts.get(token)
            if attempt is None:
                yield f"{token} was acknowledged and is lost"
            elif (attempt.status, attempt.score) != ("graded", score):
                yield f"{token} is {attempt.status} with {attempt.score} instead of {score}"
        for attempt in attempts.values():
            jobs = session.scalars(select(Job).where(Job.attempt_id == attempt.id)).all()
            if [(job.state, job.verdict_key) for job in jobs] != [(State.DONE, attempt.verdict_key)]:
                yield f"{attempt.token} has not one verdict: {[job.state for job in jobs]}"


def _twice(platform: LtiPlatform) -> Iterator[str]:
    # The comment names the attempt.
    counts = Counter((mark["userId"], mark["scoreGiven"], mark["comment"]) for mark in platform.received)
    for (who, score, _), count in counts.items():
        if count > 1:
            yield f"the mark {score} of {who} arrived {count} times"
    for who in {mark["userId"] for mark in platform.received}:
        stamps = [mark["timestamp"] for mark in platform.received if mark["userId"] == who]
        if stamps != sorted(set(stamps)):
            yield f"the times of {who}'s marks do not rise"


def _shown(database: Database, platform: LtiPlatform) -> Iterator[str]:
    with database.read() as session:
        for row in session.scalars(select(Posting)):
            cell = platform.cells.get(("1", row.person.subject))
            shown = None if cell is None or cell.score is None else cell.score / 100
            if row.state != PostState.SENT or shown is None or abs(shown - row.score / row.max_score) > 1e-6:
                yield f"{row.person.subject}: {row.state} ({row.problem}), the platform shows {shown}, wanted {row.score}"
            last = select(Attempt).where(Attempt.person_id == row.person_id).order_by(Attempt.number.desc())
            attempt = session.scalars(last).first()
            if attempt is None or attempt.score != row.score:
                yield f"{row.person.subject}: the row has {row.score}, the last attempt {attempt and attempt.score}"


# --- load ------------------------------------------------------------------------------------------------------------


def load(uploads: int, jobs: int) -> int:
    """All uploads at once, every page timed meanwhile; 0 when each answered in time."""
    students = [f"s{number}" for number in range(uploads)]
    known = variants(Course.load(ROOT))
    with tempfile.TemporaryDirectory(prefix="service-") as name:
        run = Run(Path(name), students, None, jobs)
        try:
            print(f"the service answers after {run.start():.1f} s", flush=True)
            until(run.ready, 180)
            first = asyncio.run(run.hand_in("s0", unlike(known["0"][0])))
            until(lambda: settled(run.database), 180)
            times = asyncio.run(_class(run, students, known, first or ""))
            memory = {
                title: _peak(run.children(module))
                for title, module in (("web", "autograder.serve.web.process"), ("worker", "autograder.serve.worker"))
            }
        finally:
            run.stop()
        with run.database.read() as session:
            graded = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.status == "graded"))
    worst = 0.0
    for page, seconds in times.items():
        if page != "an upload":
            worst = max(worst, *seconds)
        high = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        figures = f"median {statistics.median(seconds):.3f} s  95 % {high:.3f} s  worst {max(seconds):.3f} s"
        print(f"{page:20} {len(seconds):5} times  {figures}")
    print(
        f"{graded} of {uploads + 1} graded; peak memory {', '.join(f'{title} {size} MiB' for title, size in memory.items())}"
    )
    fine = worst < WANTED_SECONDS and graded == uploads + 1
    print("every page in time" if fine else f"NOT in time: the slowest took {worst:.2f} s")
    return 0 if fine else 1


async def _class(
    run: Run, students: Sequence[str], known: Mapping[str, tuple[bytes, float]], first: str
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    data = [unlike(known[str(number % len(known))][0]) for number in range(len(students))]
    done = asyncio.Event()

    async def upload(who: str, what: bytes) -> None:
        async with run.client(who) as client:
            began = time.monotonic()
            page = await client.get(f"/activities/{run.activity}")
            times.setdefault("the form", []).append(time.monotonic() - began)
            fields = dict(re.findall(r'<input type="hidden" name="(csrf|key)" value="([^"]*)"', page.text))
            files = {"file": ("a.ipynb", what, "application/json")}
            began = time.monotonic()
            answer = await client.post(f"/activities/{run.activity}", data=fields, files=files)
            times.setdefault("an upload", []).append(time.monotonic() - began)
            assert answer.status_code == 303, answer.text[:500]

    async def read() -> None:
        pages = {
            "home": ("s0", "/"),
            "the activity": ("s0", f"/activities/{run.activity}"),
            "an attempt": ("s0", f"/attempts/{first}"),
            "feedback": ("s0", f"/attempts/{first}/feedback"),
            "the class": ("teacher", f"/activities/{run.activity}/class"),
            "the review queue": ("teacher", f"/activities/{run.activity}/review"),
            "health": ("teacher", "/healthz"),
        }
        async with run.client("s0") as student, run.client("teacher") as teacher:
            while not done.is_set():
                for page, (who, path) in pages.items():
                    began = time.monotonic()
                    answer = await (teacher if who == "teacher" else student).get(path)
                    times.setdefault(page, []).append(time.monotonic() - began)
                    assert answer.status_code == 200, (path, answer.status_code)
                await asyncio.sleep(0.2)

    reading = asyncio.create_task(read())
    began = time.monotonic()
    await asyncio.gather(*map(upload, students, data))
    print(f"{len(students)} uploads acknowledged after {time.monotonic() - began:.1f} s", flush=True)
    while not await asyncio.to_thread(settled, run.database):
        await asyncio.sleep(0.5)
    print(f"all graded after {time.monotonic() - began:.1f} s", flush=True)
    done.set()
    await reading
    return times


def _peak(numbers: Sequence[int]) -> int:
    """MiB that these processes had resident at most, without what they started."""
    found = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text()) for number in numbers]
    return sum(int(each[1]) for each in found if each) >> 10


def main() -> int:
    """Read the options and run what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2, help="of the worker, under load")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    codes = []
    if options.kill:
        codes.append(kill(options.rounds, random.Random(options.seed)))
    if options.load:
        codes.append(load(options.uploads, options.jobs))
    if not codes:
        parser.error("give --kill, --load or both")
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
