"""What a class costs without a grader: `python -m benchmarks.floor KERAS GRADER DATA SUBMITTED MARKS LIBRARY …`, for compare.py.

Imports the libraries, then forks once for each submission, as many at once as there are cores, each with one thread as in a warm
kernel. A child runs the notebook's cells in a bare IPython shell and calls the hidden checks there (`benchmarks.inkernel`), since
they are what makes the students' functions work: no wall, no second process, nothing that crosses, no report. Keras is `tuned` as
in a warm kernel (`autograder.kernel.tuning`), or left as it is (`untuned`). Prints the seconds from the first fork to the end of
the last child.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

VARIABLES = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "MPLBACKEND": "agg",
}
"""As in a warm parent: with more than one thread forking is not sound, and kernels compute the same."""


def main(keras: str, grader: str, data: str, submitted: str, marks: str, *libraries: str) -> int:
    """Run the class."""
    os.environ |= VARIABLES
    for name in (*libraries, "autograder.kernel.interactive", "benchmarks.inkernel"):
        importlib.import_module(name)
    if keras == "tuned":
        importlib.import_module("autograder.kernel.child")
    gc.collect()
    gc.freeze()
    waiting = sorted(Path(submitted).iterdir())
    running: set[int] = set()
    started = time.perf_counter()
    while waiting or running:
        while waiting and len(running) < len(os.sched_getaffinity(0)):
            path = waiting.pop(0)
            pid = os.fork()
            if pid == 0:
                _child(path, Path(marks) / f"{path.stem}.txt", grader, data or None)
            running.add(pid)
        running.discard(os.wait()[0])
    print(time.perf_counter() - started)
    return 0


def _child(path: Path, result: Path, grader: str, data: str | None) -> NoReturn:
    code = 1
    try:
        from autograder.kernel.capture import Recorder
        from autograder.kernel.datasets import serve_from
        from autograder.kernel.interactive import start_shell
        from autograder.kernel.shell import fix_threads, seed_everything
        from benchmarks.inkernel import bind

        serve_from(data)
        fix_threads(1)
        recorder = Recorder(1 << 20)
        shell = start_shell(recorder)
        for number, source in enumerate(json.loads(path.read_text()), start=1):
            seed_everything(number)
            with recorder.recording():
                shell.run_cell(source, store_history=False)
            shell.user_ns.setdefault("In", []).append(source)
        judged = bind(grader, shell.user_ns, data)
        points = 0.0
        for check in judged.checks:
            try:
                judged.run(check)
            except Exception:
                continue
            points += check.points
        result.write_text(str(points))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
