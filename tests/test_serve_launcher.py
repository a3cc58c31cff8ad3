"""`autograder serve` as a command: its processes start, are started again, and end together."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from autograder.course import Course
from autograder.errors import UsageError
from autograder.serve.settings import Settings

from .conftest import TINY, TINY_GRADER, write_course


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Command:
    """`autograder serve --dev` on a course of its own."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.log = folder / f"log-{port}"
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
        command = [sys.executable, "-m", "autograder.cli", "serve", "--dev", "--port", str(port), "--jobs", "1"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--course", str(folder / "course")], env=self.environment, stderr=log
            )

    def get(self, path: str, **headers: str) -> httpx.Response | None:
        try:
            return httpx.get(self.url + path, headers=headers, timeout=30)
        except httpx.HTTPError:
            return None

    def answers(self, path: str) -> bool:
        found = self.get(path)
        return found is not None and found.status_code == 200

    def children(self, module: str) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(n) for n in listed if module.encode() in Path(f"/proc/{n}/cmdline").read_bytes().split(b"\0")]

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def until(condition: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def gone(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Command]:
    command = Command(folder, free_port(), **environment)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.terminate()
            command.process.wait(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER)
    return tmp_path


def test_a_service_restarts_what_dies_tells_how_it_is_and_ends_in_order(folder: Path) -> None:
    with serving(folder) as command:
        until(lambda: command.answers("/readyz"))
        (web,), (worker,) = (
            command.children("autograder.serve.web.process"),
            command.children("autograder.serve.worker"),
        )
        # Another on the same folder is told so, in one sentence.
        second = Command(folder, free_port())
        assert second.process.wait(timeout=60) == 2
        assert "Another `autograder serve` uses" in second.log.read_text()

        os.kill(worker, signal.SIGKILL)
        os.kill(web, signal.SIGKILL)
        until(lambda: command.children("autograder.serve.worker") not in ([], [worker]))
        until(lambda: command.answers("/healthz"))
        until(lambda: command.answers("/readyz"))

        command.get("/activities/77?name=Ana", cookie="session=secret-token")
        metrics = command.get("/metrics")
        assert metrics is not None
        for line in (
            'autograder_queue_jobs{state="queued"} 0.0',
            'autograder_workers{able="yes"} 1.0',
            "autograder_database_up 1.0",
        ):
            assert line in metrics.text
        assert re.search(
            r'autograder_http_requests_total{method="GET",path="/activities/\{activity:id\}",status="401"} 1.0',
            metrics.text,
        )

        command.process.terminate()
        assert command.process.wait(timeout=60) == 0
        told = command.log.read_text()
        assert "Ana" not in told
        assert "secret-token" not in told
        asked = [line for line in command.lines() if line.get("path") == "/activities/{activity:id}"]
        assert [(line["method"], line["status"], line["process"]) for line in asked] == [("GET", 401, "web")]
        assert "ms" in asked[0]


def test_children_end_with_a_launcher_that_is_killed_and_pages_alone_need_a_worker_elsewhere(folder: Path) -> None:
    with serving(folder) as command:
        until(lambda: command.answers("/healthz"))
        children = [*command.children("autograder.serve.web.process"), *command.children("autograder.serve.worker")]
        assert len(children) == 2
        command.process.kill()
        command.process.wait()
        until(lambda: all(map(gone, children)), 40)
    token = folder / "token"
    token.write_text("t" * 40)
    token.chmod(0o600)
    with serving(folder, AUTOGRADER_WORKERS="0", AUTOGRADER_METRICS_TOKEN_FILE=str(token)) as command:
        until(lambda: command.answers("/healthz"))
        ready = command.get("/readyz")
        assert ready is not None
        # The worker that was killed with the first service is not taken for alive.
        assert (ready.status_code, ready.json()) == (503, {"database": True, "migrations": True, "worker": False})
        codes = [
            found.status_code
            for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Bearer " + "t" * 40})
            if (found := command.get("/metrics", **headers)) is not None
        ]
        assert codes == [404, 404, 200]


def test_a_port_that_is_taken_is_said_in_one_sentence(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = Command(folder, taken.getsockname()[1])
        assert command.process.wait(timeout=60) == 2
        assert "is in use" in command.log.read_text().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("AUTOGRADER_WORKERS", "many", "give a number"), ("AUTOGRADER_METRICS_TOKEN_FILE", "/nowhere/token", "no file")],
)
def test_a_setting_that_cannot_be_used_is_said_with_what_to_do(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    course = Course.load(write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER))
    environment = {"AUTOGRADER_DATA": str(tmp_path / "data"), name: value}
    with pytest.raises(UsageError, match=words):
        Settings.read(course.root, host="127.0.0.1", port=8000, environment=environment)
