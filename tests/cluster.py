"""A cluster of this machine's own for tests and measurements: Dask's scheduler and `autograder worker`, each a real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.cluster import Place

WORKER = [sys.executable, "-m", "autograder.cli", "worker"]
_SECONDS = 60.0


def until(happened: object, what: str) -> None:
    """Wait for `happened()`."""
    end = time.monotonic() + _SECONDS
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < end, what
        time.sleep(0.05)


@dataclass
class Started:
    """A process, and what it has said so far."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """As a power cut ends it; the processes that it started go when they see that it is gone."""
        self.process.kill()
        self.process.wait()


class Cluster:
    """A scheduler at a free port, and its workers; use it as a context manager.

    Args:
        folder: for logs.
        files: CA, certificate and key; none for plain TCP on the loopback interface.
    """

    def __init__(self, folder: Path, files: tuple[Path, Path, Path] | None = None) -> None:
        self._folder, self._files = folder, files
        self.workers: list[Started] = []
        told = folder / "scheduler.json"
        scheme = "tls" if files else "tcp"
        names = zip(("--tls-ca-file", "--tls-cert", "--tls-key"), files or (), strict=False)
        tls = [word for name, path in names for word in (name, str(path))]
        command = (sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--port", "0")
        pages = ("--dashboard-address", "127.0.0.1:0", "--host", f"{scheme}://127.0.0.1", "--scheduler-file", str(told))
        self.scheduler = self._start("scheduler", [*command, *pages, *tls])
        until(told.exists, "the scheduler did not start")
        self.address = json.loads(told.read_text())["address"]
        self.place = Place.of(self.address, *(files or ()))

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.workers:
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
        for one in self.workers:
            one.process.wait(_SECONDS)
        self.scheduler.kill()

    @property
    def options(self) -> list[str]:
        """What a command of ours takes to speak TLS."""
        names = zip(("--tls-ca", "--tls-cert", "--tls-key"), self._files or (), strict=False)
        return [word for name, path in names for word in (name, str(path))]

    def begin(self, *options: str, before: Sequence[str] = (), engine: Path | None = None) -> Started:
        """Start a worker without waiting for it, perhaps of the engine in another folder."""
        command = [*before, *WORKER, self.address, *self.options, *options]
        one = self._start(f"worker-{len(self.workers)}", command, engine)
        self.workers.append(one)
        return one

    def join(self, *options: str, count: int = 1, engine: Path | None = None) -> list[Started]:
        """Start workers, and wait until they have joined."""
        new = [self.begin(*options, engine=engine) for _ in range(count)]
        for one in new:
            until(lambda one=one: "joined" in one.said or one.process.poll() is not None, one.said)
            assert one.process.poll() is None, one.said
        return new

    def _start(self, name: str, command: Sequence[str], engine: Path | None = None) -> Started:
        log = self._folder / f"{name}.log"
        with log.open("wb") as file:
            env = {**os.environ, "PYTHONPATH": str(engine)} if engine else None
            process = subprocess.Popen(command, stdout=file, stderr=file, env=env, cwd=engine)
        return Started(process, log)
