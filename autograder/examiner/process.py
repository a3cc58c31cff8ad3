"""What the examiner's warm parent runs for one submission: notebook, hidden grader, verdicts."""

from __future__ import annotations

import importlib
import os
import socket
import sys
import threading
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
from autograder.kernel.warm import remove_tree
from autograder.machine import collect_rarely
from autograder.records import Cell, CheckResult, Role
from autograder.sandbox import Plan

# Loaded before the fork, since every grader draws its hidden inputs from it, and pytest imports these for every session.
_ = np.random.default_rng(0).standard_normal(2)
for _name in (*(f"_pytest.{plugin}" for plugin in default_plugins), "_pytest._argcomplete", "pdb"):
    importlib.import_module(_name)


def examine(request: dict[str, Any], descriptors: list[int]) -> None:
    """Examine the submission that the coordinator sends over the first descriptor; the second leads to student processes."""
    collect_rarely()
    channel = socket.socket(fileno=descriptors[0])
    requests = socket.socket(fileno=descriptors[1])
    job, _arrays = wire.receive(channel)
    _end_with(channel)
    Examination(channel, requests, job).run()


class Examination:
    """One submission's way from cells to verdicts; events go to the coordinator as they happen, so a crash loses none."""

    def __init__(self, channel: socket.socket, requests: socket.socket, job: dict[str, Any]) -> None:
        self._channel = channel
        self._requests = requests
        self._job = job
        self._limits = Limits(**job["limits"])
        cells = [Cell(c["id"], Role(c["role"]), c["source"], c["task"]) for c in job["cells"]]
        self._notebook = LiveNotebook(
            cells, self._limits, lambda: self._start("student"), seed=job["seed"], run_demos=job["run_demos"]
        )
        self._twins = Twins(lambda: self._start("rebuilder"))

    def run(self) -> None:
        """Run everything, and say so at the end."""
        job = self._job
        plugin = GraderPlugin(
            job["assignment"],
            job["seed"],
            self._limits.check_seconds,
            DataSets(job["data"]["profile"], Path(job["data"]["folder"]) if job["data"]["folder"] else None),
            announce=self._announce,
            begin=self._begin,
            report=self._report,
        )
        grader = Path(job["grader"])
        sys.dont_write_bytecode = True
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        folder = str(grader.parent)
        # Without the cut, pytest lists every folder above and runs any conftest.py there, which whoever writes to them decides.
        options = ["-c", os.devnull, "--rootdir", folder, "--confcutdir", folder]
        options += ["--import-mode=importlib", "--assert=plain"]
        plugins = ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler"]
        try:
            pytest.main([*options, *plugins, "--capture=no", str(grader)], plugins=[plugin])
            if plugin.stopped is not None:
                wall = isinstance(plugin.stopped, WallError)
                self._send(event="stopped", wall=wall, why=str(plugin.stopped))
            else:
                if not plugin.collected and plugin.broken is None:
                    plugin.broken = "pytest ended before it had collected any check."
                self._send(event="done", broken=plugin.broken, walls=list(self._notebook.walls))
        finally:
            # After the last word, since taking apart what a student's process was takes a while; our own end says that it is done.
            self._notebook.close()
            self._twins.close()

    def _begin(self) -> tuple[LiveNotebook, Student]:
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

    def _announce(self, checks: list[Check]) -> None:
        self._send(
            event="checks",
            checks=[{"name": c.name, "task": c.task, "points": c.points, "title": asdict(c.title)} for c in checks],
        )

    def _report(self, result: CheckResult, fault: str | None) -> None:
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
