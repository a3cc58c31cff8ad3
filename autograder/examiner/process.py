"""What the examiner's warm parent runs: one process for each hidden grader, and from it one for each submission."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.config import default_plugins

from autograder.checks.declaration import Check
from autograder.course import Limits
from autograder.data import DataSets
from autograder.errors import EngineError, WallError
from autograder.examiner.notebook import LiveNotebook
from autograder.examiner.plugin import GraderPlugin
from autograder.examiner.student import Student
from autograder.examiner.twins import Twins
from autograder.kernel import wire
from autograder.kernel.session import Session, make_work_folder
from autograder.kernel.warm import fork_for, remove_tree, settled
from autograder.machine import collect_rarely
from autograder.records import Cell, CheckResult, Role
from autograder.sandbox import Plan, system

# Loaded before the fork, since every grader draws its hidden inputs from it, and pytest imports these for every session.
_ = np.random.default_rng(0).standard_normal(2)
for _name in (*(f"_pytest.{plugin}" for plugin in default_plugins), "_pytest._argcomplete", "pdb"):
    importlib.import_module(_name)


def gather(request: dict[str, Any], descriptors: list[int]) -> None:
    """Collect the checks of one grader, then fork for every examination that is asked for over the descriptor.

    pytest takes a third of an examiner's time to start and to collect, for every submission the same.
    """
    # A grader that never ends on import hears nobody hang up.
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    collect_rarely()
    requests = socket.socket(fileno=descriptors[0])
    found: list[Examination] = []

    def examined() -> Examination:
        if settled() != 1:
            plugin.broken = "it starts threads when it is imported, so forking is not sound; start them in a check."
        try:
            found.append(_forked(requests))
        except BaseException:
            # Not into pytest's hands, which would go on: whoever waits for us hears at once that nothing comes.
            traceback.print_exc()
            os._exit(1)
        return found[0]

    plugin = GraderPlugin(examined)
    _run_pytest(Path(request["grader"]), plugin)
    if not plugin.collected and plugin.broken is None:
        plugin.broken = "pytest ended before it had collected any check."
    # Where pytest did not come as far as the checks, this is still the collecting process.
    examination = found[0] if found else examined()
    examination.end(plugin)


def _forked(requests: socket.socket) -> Examination:
    """In a process of its own, the examination of the submission that the coordinator sends."""
    _request, (channel, students) = fork_for(requests)
    sock = socket.socket(fileno=channel)
    job, _arrays = wire.receive(sock)
    _end_with(sock)
    return Examination(sock, socket.socket(fileno=students), job)


def _run_pytest(grader: Path, plugin: GraderPlugin) -> None:
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    folder = str(grader.parent)
    # Without the cut, pytest lists every folder above and runs any conftest.py there, which whoever writes to them decides.
    options = ["-c", os.devnull, "--rootdir", folder, "--confcutdir", folder]
    options += ["--import-mode=importlib", "--assert=plain"]
    plugins = ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler"]
    pytest.main([*options, *plugins, "--capture=no", str(grader)], plugins=[plugin])


class Examination:
    """One submission's way from cells to verdicts; events go to the coordinator as they happen, so a crash loses none."""

    def __init__(self, channel: socket.socket, requests: socket.socket, job: dict[str, Any]) -> None:
        self._channel = channel
        self._requests = requests
        self._job = job
        self._limits = Limits(**job["limits"])
        self.assignment: str = job["assignment"]
        self.seed: int = job["seed"]
        self.seconds = self._limits.check_seconds
        self.data = DataSets(job["data"]["profile"], Path(job["data"]["folder"]) if job["data"]["folder"] else None)
        cells = [Cell(c["id"], Role(c["role"]), c["source"], c["task"]) for c in job["cells"]]
        self._notebook = LiveNotebook(
            cells, self._limits, lambda: self._start("student"), seed=job["seed"], run_demos=job["run_demos"]
        )
        self._twins = Twins(lambda: self._start("rebuilder"))

    def end(self, plugin: GraderPlugin) -> None:
        """Say that all is done, and end what the submission started."""
        try:
            if plugin.stopped is not None:
                wall = isinstance(plugin.stopped, WallError)
                self._send(event="stopped", wall=wall, why=str(plugin.stopped))
            else:
                self._send(event="done", broken=plugin.broken, walls=list(self._notebook.walls))
        finally:
            # After the last word, since taking apart what a student's process was takes a while; our own end says that it is done.
            self._notebook.close()
            self._twins.close()

    def begin(self) -> tuple[LiveNotebook, Student]:
        if self._job["problem"]:
            raise EngineError(self._job["problem"])
        runs = self._notebook.run()
        for run in runs:
            # One event each: all outputs of a long notebook together could outgrow a frame.
            self._send(
                event="cell",
                cell={
                    "id": run.cell.id,
                    "outputs": [asdict(output) for output in run.outputs],
                    "problem": asdict(run.problem) if run.problem else None,
                    "seconds": run.seconds,
                },
            )
        return self._notebook, Student(self._notebook, runs, self._twins)

    def announce(self, checks: list[Check]) -> None:
        self._send(
            event="checks",
            checks=[{"name": c.name, "task": c.task, "points": c.points, "title": asdict(c.title)} for c in checks],
        )

    def report(self, result: CheckResult, fault: str | None) -> None:
        self._send(event="result", result=asdict(result), fault=fault)

    def _start(self, body: str) -> Session:
        work = make_work_folder(self._job["scratch"])
        # Rebuilt models are computed on the processor always: it is there everywhere, and what they say decides.
        place = self._job["place"] if body == "student" else {}
        plan = Plan.from_json({**self._job["plan"], **place, "work": work})
        options = {"threads": self._limits.threads, "output": self._limits.output, "data": self._job["data"]["folder"]}
        try:
            return Session(self._requests, f"autograder.kernel.child:{body}", plan, options, self._limits.reply)
        except BaseException:
            remove_tree(work)
            raise

    def _send(self, **event: Any) -> None:
        wire.send(self._channel, event)


def _end_with(channel: socket.socket) -> None:
    """End this process when the coordinator hangs up, so that a killed grader leaves nothing running."""

    def watch() -> None:
        # Peeking blocks until the other end closes: the coordinator sends nothing after the job.
        if not channel.recv(1, socket.MSG_PEEK):
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
