# ruff: noqa: E501 -- what a student wrote stays on one line, or the tables below would hide their point.
"""Grading through real kernels and real walls: what a hostile student tries, and what an honest one may not suffer from."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import autograder.engine
from autograder.batch import grade_class
from autograder.course import Course
from autograder.engine import Engine
from autograder.errors import (
    BadReply,
    EngineError,
    KernelDied,
    Missing,
    NotDone,
    Raised,
    TimedOut,
    UsageError,
    WallError,
)
from autograder.feedback import page
from autograder.intake import Handed
from autograder.kernel.values import Opaque
from autograder.kernel.warm import WarmParent
from autograder.records import Outcome, Report, Status
from autograder.sandbox import libraries

from .conftest import TINY_GRADER, Bench, Desk, soon

RIGHT = ["passed", "passed", "passed"]
MSE = "def mse(a, b):\n    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()\n"
HONEST = "    return float(np.mean((a - b) ** 2))\n"


def outcomes(report: Report) -> list[str]:
    return [check.outcome.value for check in report.checks]


def told(report: Report) -> str:
    """Everything that anybody but the instructor can read of a report."""
    pages = [page(report, language) for language in ("es", "en")]
    return "\n".join([repr(report), repr(report.cells), str(report.to_json("es")), str(report.to_json("en")), *pages])


def handed_in(student: str, assignment: str, data: bytes | None) -> Handed:
    return Handed(student, assignment, data, f"{student}.ipynb", None)


# --- the plain way ---------------------------------------------------------------------------------------------------


def test_the_reference_has_full_marks(tiny: Bench) -> None:
    report = tiny.grade()
    assert (outcomes(report), report.score, report.max_score, report.status) == (RIGHT, 10.0, 10.0, Status.GRADED)
    assert {"landlock", "seccomp", "no_new_privs", "descriptors"} <= set(report.walls)
    assert report.faults == ()


def test_the_stub_has_none_and_is_told_so(tiny: Bench) -> None:
    report = tiny.engine.grade(tiny.stub(), tiny.name, "ana")
    assert (report.score, report.status) == (0.0, Status.GRADED)
    assert all("still to do" in check.message.en for check in report.checks)


def test_a_misconception_is_told_and_costs_only_its_own_task(tiny: Bench) -> None:
    report = tiny.grade({"mse": MSE + "    return float(np.mean((a - b) ** 2)) / 2"})
    assert outcomes(report) == ["failed", "failed", "passed"]
    assert (report.checks[0].hint, report.checks[0].message.en) == ("half", "This looks like half of it.")


def test_grading_twice_and_side_by_side_gives_the_same_verdicts(tiny: Bench) -> None:
    import nbformat

    wrong = nbformat.writes(tiny.notebook({"scale": "def scale(x):\n    return x / 0"})).encode()
    right = nbformat.writes(tiny.notebook()).encode()
    handed = [handed_in(str(i), tiny.name, data) for i, data in enumerate((wrong, tiny.stub(), right))]
    verdicts: list[list[dict[str, Any]]] = []
    for jobs in (1, 2):
        with ThreadPoolExecutor(jobs) as executor:
            verdicts.append([one.report.verdict() for one in grade_class(tiny.engine, handed, executor)])
    assert verdicts[0] == verdicts[1]
    assert [verdict["score"] for verdict in verdicts[0]] == [6.0, 0.0, 10.0]


def test_an_assignment_that_does_not_exist_is_a_wrong_usage(tiny: Bench) -> None:
    with pytest.raises(UsageError, match="Did you mean 90_tiny"):
        tiny.engine.grade(tiny.stub(), "90_tin", "ana")


def test_a_file_that_is_no_notebook_is_rejected_in_words(tiny: Bench) -> None:
    report = tiny.engine.grade(b"\x89PNG", None, "ana")
    assert (report.status, report.score, report.checks) == (Status.REJECTED, 0.0, ())
    assert report.reason is not None


# --- hidden inputs stay hidden ---------------------------------------------------------------------------------------


def test_an_exception_is_told_by_class_and_line_but_never_by_message(tiny: Bench) -> None:
    report = tiny.grade({"mse": "def mse(a, b):\n    raise ValueError(str(a) + str(b))  # my own line"})
    assert (
        report.checks[0].message.en
        == '`mse` raised ValueError in the line "raise ValueError(str(a) + str(b))  # my own line".'
    )
    assert "41537" not in told(report)


LEAKS = {
    "class name": "    raise type('E' + '_'.join(map(str, a)), (Exception,), {})",
    "print": "    print(a, b); import sys, os; sys.__stderr__.write(str(a)); os.system(f'echo {a[0]}'); os.write(1, str(a).encode())",
    "warning": "    import warnings; warnings.warn(str(a))",
    "display": "    display(str(a)); plt.title(str(a)); plt.plot(a); plt.show()",
    "name of a type": "    return type(f'T{a[0]}', (), {})()",
    "group": "    raise ExceptionGroup(str(a), [ValueError(str(a))])",
    "cause": "    raise ValueError(str(a)) from type(f'T{a[0]}', (Exception,), {})(str(a))",
    "syntax error": "    exec(compile(f'{a[0]} +', f'cell:{a[0]}', 'exec'))",
    "code of a cell": "    exec(compile(f'\\n\\nraise OSError({a[0]})', 'cell:mse-answer', 'exec'))",
    "exit": "    raise SystemExit(f'{a[0]}')",
    "exit message": "    import os; os._exit(a[0] % 256)",
    "recursion": "    return mse([*a, a[0]], b)",
    "unraisable": "    import threading; threading.Thread(target=lambda: 1 / (a[0] - a[0])).start(); return a[0] / 0",
}


@pytest.mark.parametrize("body", LEAKS.items(), ids=lambda item: item[0])
def test_a_hidden_input_cannot_be_carried_into_a_report(body: tuple[str, str], tiny: Bench) -> None:
    report = tiny.grade({"mse": f"def mse(a, b):\n{body[1]}"})
    assert outcomes(report)[0] == "failed"
    assert outcomes(report)[2] == "passed"
    assert "41537" not in told(report)
    assert report.faults == ()


FORGE = """
import sys, json
wire = sys.modules["autograder.kernel.wire"]
send = wire.send
def forged(sock, header, arrays=None):
    secret = json.dumps(header) + str(kept)
    send(sock, {"nonce": header["nonce"], %s}, [])
kept = []
def mse(a, b):
    kept[:] = [a, b]
    wire.send = forged
"""
DICT = '{"$": "dict", "v": [[%s, %s]]}'
FORGERIES = {
    "missing": '"missing": secret',
    "no reply": '"a": 1',
    "reply of another kind": '"reply": {"$": "pickle", "v": secret}',
    "list": '"reply": [1]',
    "value": '"reply": %s' % (DICT % ('"value"', '{"$": "opaque", "v": secret}')),
    "raised text": '"reply": %s' % (DICT % ('"raised"', "secret")),
    "raised nothing": '"reply": %s'
    % (DICT % ('"raised"', DICT % ('"types"', "[[], {'$': 'int', 'v': '0x' + 'f' * 9000}, secret]"))),
    "place": '"reply": %s' % (DICT % ('"raised"', DICT % ('"place"', "[secret, 1]"))),
    "infinite": '"reply": %s' % (DICT % ('"value"', "float('inf')")),
    "model": '"reply": %s' % (DICT % ('"value"', '{"$": "model", "v": 77}')),
}


@pytest.mark.parametrize("fields", FORGERIES.items(), ids=lambda item: item[0])
def test_a_forged_reply_earns_nothing_leaks_nothing_and_is_no_fault_of_ours(
    fields: tuple[str, str], tiny: Bench
) -> None:
    report = tiny.grade({"mse": FORGE % fields[1]})
    assert outcomes(report)[:2] == ["failed", "failed"]
    assert "41537" not in told(report)
    assert report.faults == ()
    assert report.status is Status.GRADED


def test_a_forged_output_of_a_cell_is_held_to_its_size(tiny: Bench) -> None:
    forged = """
import sys
wire = sys.modules["autograder.kernel.wire"]
send = wire.send
def forged(sock, header, arrays=None):
    wire.send = send
    header["outputs"] = [3, {"mime": 1}, {"mime": "text/plain", "data": "\\ud800ok"}, {"mime": "x", "data": "y" * 9_000_000}]
    header["raised"] = {"types": [[], "NoSuch"], "place": 3}
    send(sock, header, arrays)
wire.send = forged
"""
    report = tiny.grade(extra=forged)
    assert outcomes(report) == RIGHT
    run = report.cells[-1]
    assert [(o.mime, o.data) for o in run.outputs] == [("text/plain", "?ok"), ("cut", str(1 << 20))]
    assert run.problem is not None
    assert "an exception" in run.problem.en


def test_the_graders_files_are_out_of_reach(tiny: Bench, tmp_path: Path) -> None:
    other = tmp_path / "bob.ipynb"
    other.write_text("bob's answers")
    other.chmod(0o644)
    grader = tiny.course.assignment(tiny.name).grader
    code = f"""
import os, glob, subprocess
found = []
for path in [{str(grader)!r}, {str(other)!r}, {str(Path(__file__))!r}, "/etc/shadow", "/proc/1/environ"]:
    try:
        found.append(open(path).read())
    except OSError:
        pass
print("FOUND", found, subprocess.run(["cat", {str(grader)!r}], capture_output=True).stdout, os.environ.get("SECRET_TOKEN"))
for pid in filter(str.isdigit, os.listdir("/proc") if os.path.exists("/proc") else []):
    try:
        print(open(f"/proc/{{pid}}/cmdline").read(), open(f"/proc/{{pid}}/maps").read()[:0])
    except OSError:
        pass
try:
    import gc; print([o for o in gc.get_objects() if isinstance(o, str) and "label-nobody" in o and len(o) < 60 and "not in" not in o])
except Exception as error:
    print(error)
"""
    os.environ["SECRET_TOKEN"] = "token-of-the-course"
    try:
        report = tiny.grade(extra=code)
    finally:
        del os.environ["SECRET_TOKEN"]
    text = "".join(output.data for output in report.cells[-1].outputs)
    assert "FOUND [] b'' None" in text
    assert "expect_close" not in text
    assert "token-of-the-course" not in text
    assert outcomes(report) == RIGHT


# --- answers that only look right ------------------------------------------------------------------------------------

LIARS = {
    "equal to all": "class Liar:\n    def __eq__(self, other): return True\n    def __float__(self): return 4.0\n    def __array__(self, *a, **k): return np.array(4.0)\ndef mse(a, b): return Liar()",
    "float": "class Liar(float):\n    def __sub__(self, o): return 0.0\n    __rsub__ = __sub__\n    def __abs__(self): return 0.0\ndef mse(a, b): return Liar(9)",
    "array": "class Liar(np.ndarray):\n    def __eq__(self, o): return True\n    def __array_ufunc__(self, *a, **k): return 0.0\ndef mse(a, b): return np.zeros(()).view(Liar)",
    "nan": "def mse(a, b): return float('nan')",
    "none": "def mse(a, b): pass",
    "string": "def mse(a, b): return '4.0'",
    "generator": "def mse(a, b): yield 4.0",
    "coroutine": "async def mse(a, b): return 4.0",
    "function": "def mse(a, b): return lambda: 4.0",
    "not callable": "mse = 4.0",
    "object array": "def mse(a, b): return np.array(4.0, dtype=object)",
    "lying class": "class Liar:\n    @property\n    def __class__(self): return float\ndef mse(a, b): return Liar()",
    "unprintable": "class Liar:\n    def __repr__(self): raise SystemExit\n    def __getattr__(self, n): raise KeyboardInterrupt\ndef mse(a, b): return Liar()",
    "endless list": "class Liar(list):\n    def __iter__(self):\n        while True: yield 4.0\ndef mse(a, b): return Liar()",
    "patched numpy": "import numpy.testing, json\nnp.testing.assert_allclose = np.allclose = np.isclose = lambda *a, **k: True\nimport builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\ndef mse(a, b): return 3.99",
    "patched examiner": "import sys\nfor m in list(sys.modules.values()):\n    for n in ('expect_close', 'expect', 'judge'):\n        try: setattr(m, n, lambda *a, **k: None)\n        except Exception: pass\ndef mse(a, b): return 3.99",
    "pytest plugin": "open('conftest.py', 'w').write('assert 0')\nopen('sitecustomize.py', 'w').write('assert 0')\ndef mse(a, b): return 3.99",
    "counting": "calls = []\ndef mse(a, b):\n    calls.append(a)\n    return {'score': 10, 'outcome': 'passed'}",
}


@pytest.mark.parametrize("source", LIARS.items(), ids=lambda item: item[0])
def test_a_liar_earns_nothing(source: tuple[str, str], tiny: Bench, using: Any) -> None:
    report = using(tiny, tiny.limited(check_seconds=3)).grade({"mse": source[1]})
    assert outcomes(report)[:2] == ["failed", "failed"]
    assert report.faults == ()
    assert report.status is Status.GRADED


HONEST_BUT_UNUSUAL = {
    "numpy scalar": MSE + "    return np.mean((a - b) ** 2)",
    "0-d array": MSE + "    return np.array(np.mean((a - b) ** 2))",
    "lambda": "mse = lambda a, b: np.mean((np.ravel(a) - np.ravel(b)) ** 2)",
    "callable object": "class Mse:\n    def __call__(self, a, b): return np.mean((np.ravel(a) - np.ravel(b)) ** 2)\nmse = Mse()",
    "partial": "import functools\ndef power(a, b, p): return float(np.mean((np.ravel(a) - np.ravel(b)) ** p))\nmse = functools.partial(power, p=2)",
    "class of the same name": "class mse:\n    def __new__(cls, a, b): return np.mean((np.ravel(a) - np.ravel(b)) ** 2)",
    "magics": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n%time x = 1\n!echo hello\nfiles = !ls\n"
    + MSE
    + HONEST,
    "cell magic": "%%time\n" + MSE + HONEST,
    "await": "import asyncio\nawait asyncio.sleep(0)\n" + MSE + HONEST,
    "shadowed names": "print = len = json = sys = os = None\n" + MSE + HONEST,
    "no output": "import sys\nsys.stdout = sys.stderr = None\n" + MSE + HONEST,
    "other folder": "import os\nos.makedirs('x'); os.chdir('x'); os.rmdir('../x')\n" + MSE + HONEST,
    "warnings as errors": "import warnings\nwarnings.simplefilter('error')\n" + MSE + HONEST,
    "error state": "np.seterr(all='raise')\n" + MSE + HONEST,
    "threads": "import threading, time\nfor _ in range(3):\n    threading.Thread(target=lambda: [print('x') or time.sleep(0.01) for _ in iter(int, 1)], daemon=True).start()\n"
    + MSE
    + HONEST,
    "pool": "from concurrent.futures import ThreadPoolExecutor\nimport multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1]))\n"
    + MSE
    + HONEST,
    "exit in the cell": MSE + HONEST + "import sys\nsys.exit()",
    "exit as in IPython": MSE + HONEST + "exit()",
    "reset": "%reset -f\nimport numpy as np\n" + MSE + HONEST,
    "child with its own output": "!python -c 'print(1)'\n%pip --version\n" + MSE + HONEST,
    "input in the cell": MSE + HONEST + "name = input('?')",
    "error in the cell": MSE + HONEST + "1 / 0",
    "syntax of a later line": MSE + HONEST + "get_ipython().run_cell('((')",
    "unicode": MSE + "    ñandú = np.mean((a - b) ** 2)\n    return ñandú  # 平均 🎓\nprint('\\ud800')",
    "atexit": "import atexit, os\natexit.register(lambda: os._exit(3))\n" + MSE + HONEST,
    "hooks": "import sys\nsys.excepthook = None\nget_ipython().events.register('post_run_cell', lambda result: 1 / 0)\n"
    + MSE
    + HONEST,
    "signal": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.alarm(0)\n" + MSE + HONEST,
    "dead end of stdout": "import os\nos.close(1); os.close(2)\n" + MSE + HONEST,
    "loud": "def mse(a, b):\n    print('x' * 3_000_000)\n    return float(np.mean((np.ravel(a) - np.ravel(b)) ** 2))",
    "pickled": "import pickle, copy\nclass A: pass\npickle.loads(pickle.dumps(A()))\n" + MSE + HONEST,
    "seeded": MSE + "    np.random.seed(0)\n" + HONEST,
    "figures left open": MSE + "    plt.figure()\n" + HONEST,
    "deep but finite recursion": MSE + "    def f(n): return n and f(n - 1)\n    f(500)\n" + HONEST,
    "main guard": "if __name__ == '__main__':\n    " + MSE.replace("\n    ", "\n        ") + "    " + HONEST,
}


@pytest.mark.parametrize("source", HONEST_BUT_UNUSUAL.items(), ids=lambda item: item[0])
def test_honest_code_has_full_marks_however_unusual(source: tuple[str, str], tiny: Bench) -> None:
    report = tiny.grade({"mse": source[1]})
    assert [check.message.en for check in report.checks] == ["Right."] * 3
    assert report.status is Status.GRADED


def test_an_added_cell_cannot_take_points_away_from_what_works(tiny: Bench) -> None:
    assert outcomes(tiny.grade(extra="raise KeyboardInterrupt")) == RIGHT


def test_long_outputs_are_cut_and_unusual_ones_kept(tiny: Bench) -> None:
    report = tiny.grade(
        extra="import os\nprint('ñ' * 2_000_000)\nos.system('echo from a child')\nplt.plot([1, 2])\nplt.show()\ndisplay(3)"
    )
    kinds = [output.mime for output in report.cells[-1].outputs]
    assert kinds[0] == "stream/stdout"
    assert "cut" in kinds


def test_figures_and_printed_text_are_recorded(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "import os\nprint('a')\nos.system('echo b')\n3"
    )
    assert one.student.figures() == {"c1": 1}
    assert one.student.cell_output("task").splitlines()[:1] == ["a"]
    assert sorted(one.student.cell_output("task").replace("\n", "")) == ["3", "a", "b"]
    assert one.student.cell_output("other") == ""


# --- code that does not come back ------------------------------------------------------------------------------------

DEADLY = {
    "exit": ("import os; os._exit(0)", "closed the Python interpreter"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "signal 11"),
    "abort": ("import os; os.abort()", "signal 6"),
    "kill": ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    "closed bridge": ("import os; os.closerange(3, 1000)", "closed the Python interpreter"),
    "memory": ("x = [bytearray(b'x') * (1 << 24) for _ in range(10_000)]", "memory|MemoryError"),
    "stopped": ("import os; os.kill(os.getpid(), 19)", "ran longer than 3 s"),
    "loop": ("while True: pass", "ran longer than 3 s"),
    "stubborn loop": (
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "ran longer than 3 s",
    ),
    "sleep": ("import time; time.sleep(99)", "ran longer than 3 s"),
    "fork bomb": (
        "import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
        "processes|longer|signal|closed|cannot be read",
    ),
    "threads": (
        "import threading, time\n    for _ in range(5000): threading.Thread(target=time.sleep, args=(9,)).start()",
        "processes|RuntimeError",
    ),
    "disk": (
        "import os\n    for i in range(1000):\n        with open(f'f{i}', 'wb') as f: f.write(bytes(1 << 22))",
        "disk|OSError|longer",
    ),
    "huge": ("return np.ones(10_000_000)", "too large"),
    "garbage": (
        "import os\n    for fd in range(3, 60):\n        try: os.write(fd, b'x' * 100)\n        except OSError: pass",
        "cannot be read",
    ),
}


@pytest.mark.parametrize("death", DEADLY.items(), ids=lambda item: item[0])
def test_a_death_in_a_check_is_told_and_the_next_check_has_a_fresh_kernel(
    death: tuple[str, tuple[str, str]], tiny: Bench, using: Any
) -> None:
    import re

    code, words = death[1]
    limited = tiny.limited(check_seconds=3, memory=300 << 20, processes=60, file_size=8 << 20, reply=64 << 20)
    report = using(tiny, limited).grade(
        {"mse": f"def mse(a, b):\n    if np.ndim(a) == 1:\n        return 4.0\n    {code}"}
    )
    assert outcomes(report) == ["passed", "failed", "passed"]
    assert re.search(words, report.checks[1].message.en), report.checks[1].message.en
    assert report.faults == ()


def test_an_endless_cell_costs_one_clock_and_its_own_task(tiny: Bench, using: Any) -> None:
    bench = using(tiny, tiny.limited(cell_seconds=1, check_seconds=3))
    report = bench.grade({"mse": "while True: pass"})
    assert outcomes(report) == ["failed", "failed", "passed"]
    problems = [run.problem.en for run in report.cells if run.problem]
    assert len(problems) == 1
    assert "ran longer than 1 s" in problems[0]
    assert "does not define `mse`" in report.checks[0].message.en


def test_a_cell_that_kills_its_kernel_costs_its_own_task_only(tiny: Bench) -> None:
    report = tiny.grade({"mse": "import os\nos._exit(0)"})
    assert outcomes(report) == ["failed", "failed", "passed"]


def test_the_time_of_the_whole_submission_is_bounded(desk: Callable[..., Desk]) -> None:
    one = desk("import time", "time.sleep(9)", "x = 1", total_seconds=1.0)
    assert [bool(run.problem) for run in one.runs] == [False, True, True]
    with pytest.raises(TimedOut, match="whole submission"):
        one.student.value("x")


def test_a_check_has_one_clock_for_all_its_calls(desk: Callable[..., Desk]) -> None:
    one = desk("import time\ndef nap(s):\n    time.sleep(s)", check_seconds=0.8)
    one.student.call("nap", 0.1)
    with pytest.raises(TimedOut):
        one.student.call("nap", 5)
    with pytest.raises(TimedOut, match="this check"):
        one.student.call("nap", 0)
    one.live.budget(5)
    one.student.call("nap", 0)


def test_an_interrupted_call_leaves_the_kernel_in_use(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import os, time\ndef nap():\n    time.sleep(60)\ndef me():\n    return os.getpid(), len(kept)\nkept = [1, 2]"
    )
    before = one.student.call("me")
    one.live.budget(0.5)
    with pytest.raises(TimedOut):
        one.student.call("nap")
    one.live.budget(10)
    assert one.student.call("me") == before


def test_a_student_that_stops_reading_does_not_stop_the_examiner(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import sys, time\ndef f(x):\n    return 1\n"
        "def deaf():\n    sys.modules['autograder.kernel.wire'].receive = lambda sock: time.sleep(999)"
    )
    one.student.call("deaf")
    one.live.budget(1)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        one.student.call("f", np.zeros(5_000_000))
    assert time.monotonic() - started < 30
    one.live.budget(20)
    assert one.student.call("f", 1) == 1


def test_an_answer_prepared_earlier_does_not_pass_for_a_later_one(desk: Callable[..., Desk]) -> None:
    stale = """
import sys, gc
def f():
    shell = next(o for o in gc.get_objects() if type(o).__name__ == "StudentShell")
    sys.modules["autograder.kernel.wire"].send(shell._sock, {"nonce": "0" * 16, "reply": {"$": "dict", "v": [["value", 42]]}})
    return 1
"""
    one = desk(stale)
    with pytest.raises(BadReply):
        one.student.call("f")
    with pytest.raises(BadReply):
        one.student.call("f")


def test_a_reply_sent_twice_serves_once(desk: Callable[..., Desk]) -> None:
    twice = """
import sys
wire = sys.modules["autograder.kernel.wire"]
send = wire.send
def doubled(sock, header, arrays=None):
    send(sock, header, arrays); send(sock, header, arrays)
def f(x):
    return x
wire.send = doubled
"""
    one = desk(twice)
    for _ in range(3):
        try:
            assert one.student.call("f", 5) == 5
        except BadReply:
            continue


# --- what a grader sees ----------------------------------------------------------------------------------------------


def test_values_and_arguments_cross_as_plain_data(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import numpy as np, collections, enum\n"
        "P = collections.namedtuple('P', 'x y')\n"
        "def echo(x, *, k=0):\n    return x\n"
        "def odd():\n    return [P(1, np.float32(2)), collections.OrderedDict(a=np.ones(2)), {1}, range(2), enum.IntEnum('E', 'A').A, b'x', 2**70]\n"
        "def spoil(x):\n    x[0] = 99\n    return len(x)\n"
        "big = {1: 'uno', (1, 2): None}"
    )
    got = one.student.call("odd")
    assert got[0] == (1, np.float32(2))
    assert got[1]["a"].tolist() == [1.0, 1.0]
    assert isinstance(got[2], Opaque)
    assert isinstance(got[3], Opaque)
    assert got[4] == 1
    assert isinstance(got[5], Opaque)
    assert got[6] == 2**70
    assert one.student.value("big") == {1: "uno", (1, 2): None}
    for value in (None, True, 3, 2.5, "ñ", [1, (2,)], {"a": [np.int8(1)]}):
        assert one.student.call("echo", value, k=value) == value
    call = one.student.observe("spoil", np.zeros(3))
    assert call.arguments[0].tolist() == [99.0, 0.0, 0.0]
    assert (call.value, call.exceptions) == (3, ())


HELPER = """
calls = []

def objective(x):
    calls.append(x)
    return -abs(x - 2)

def seen():
    return calls

def broken():
    raise KeyError

number = 3
"""


def test_a_helper_is_handed_to_student_code_and_asked_again(desk: Callable[..., Desk]) -> None:
    one = desk(
        "class Study:\n    def __init__(self, best): self.best = best\n"
        "def search(objective, points):\n    return {'study': Study(max(points, key=objective))}\n"
        "def best(study):\n    return study.best\n"
        "def objective(x): raise RuntimeError"
    )
    module = one.student.helper(HELPER + "\ndef both(): return objective, seen", "both")
    objective, seen = one.student.apply(module)
    study = one.student.call("search", objective, [0, 2, 5])["study"]
    assert study == Opaque("Study")
    assert one.student.call("best", study) == 2
    assert one.student.apply(seen) == [0, 2, 5]
    assert one.student.apply(one.student.value("best"), study) == 2
    with pytest.raises(Raised, match="raised KeyError"):
        one.student.apply(one.student.helper(HELPER, "broken"))
    # A number is no handle, and neither is what a helper that does not run leaves.
    for source, name in ((HELPER, "number"), (HELPER, "nothing"), ("1 / 0", "x")):
        with pytest.raises(BadReply, match="can no longer be used"):
            one.student.helper(source, name)
    with pytest.raises(BadReply, match="can no longer be used"):
        one.student.apply(Opaque("Study"))


def test_objects_beyond_what_is_held_are_described_by_their_type_alone(desk: Callable[..., Desk]) -> None:
    one = desk("def many(n):\n    return [object() for _ in range(n)]")
    got = one.student.call("many", 10_100)
    assert got[0].ref is not None
    assert got[-1] == Opaque("object")
    assert got[-1].ref is None


def test_observing_keeps_exceptions_and_warnings_apart(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import warnings, time\nclass Mine(ValueError): pass\ndef bad():\n    raise Mine('x')\n"
        "def warn():\n    warnings.warn('a', RuntimeWarning); time.perf_counter = lambda: 0.0\n"
        "    while time.process_time() < 0.5 + start: pass\nstart = time.process_time()\n"
        "def stub():\n    raise NotImplementedError('stub')"
    )
    assert one.student.observe("bad").exceptions[:2] == ("Mine", "ValueError")
    call = one.student.observe("warn")
    assert call.warnings == ("RuntimeWarning",)
    assert call.seconds >= 0.3, "the student's own clock must not be believed"
    with pytest.raises(NotDone):
        one.student.observe("stub")
    with pytest.raises(Raised, match=r"raised ValueError in the line"):
        one.student.call("bad")
    for ask in (one.student.call, one.student.observe, one.student.value):
        with pytest.raises(Missing, match="does not define `nothing`"):
            ask("nothing")


def test_a_value_that_cannot_be_packed_is_told_and_costs_no_kernel(desk: Callable[..., Desk]) -> None:
    one = desk(
        "import os\nclass Odd(dict):\n    def items(self): raise KeyError\nodd = Odd(a=1)\ndef f(): return odd\n"
        "class Stubborn(str):\n    def __str__(self): raise MemoryError\ndef g(): return [Stubborn('x')]\ndef pid(): return os.getpid()"
    )
    before = one.student.call("pid")
    for ask in (
        lambda: one.student.value("odd"),
        lambda: one.student.call("f"),
        lambda: one.student.observe("nothing"),
    ):
        with pytest.raises((Raised, Missing)):
            ask()
    with pytest.raises(Raised, match="MemoryError"):
        one.student.call("g")
    assert one.student.call("pid") == before


def test_seeds_decide_random_numbers(desk: Callable[..., Desk]) -> None:
    one = desk("import random, numpy as np\ndef draw():\n    return random.random(), np.random.rand()")
    one.student.reseed(3)
    first = one.student.call("draw")
    one.student.reseed(3)
    assert one.student.call("draw") == first


def test_trees_follow_helpers_through_magic_lines(desk: Callable[..., Desk]) -> None:
    one = desk(
        "files = !ls\nif True:\n    %time 1\nlen?\ndef helper(x):\n    return x\n",
        "%%time\ndef f(x):\n    return sum(map(helper, x))\n",
        "def broken(:",
        "f_count = 1",
    )
    assert [tree.name for tree in one.student.tree("f")] == ["f", "helper"]
    with pytest.raises(Missing):
        one.student.tree("nothing")


def test_a_session_that_was_closed_says_so(desk: Callable[..., Desk]) -> None:
    one = desk("x = 1")
    session = one.live._session
    assert session is not None
    session.close()
    with pytest.raises(KernelDied):
        session.ask("value", 1.0, name="x")
    assert one.student.value("x") == 1


def test_a_place_that_is_none_is_no_line(desk: Callable[..., Desk]) -> None:
    one = desk("a = 1\nb = 2")
    for place in (None, 3, [], ["c1"], ["c1", "1"], ["c1", True], ["c1", 0], ["c1", 3], ["c9", 1], [np.ones(2), 1]):
        assert one.live.source_line(place) is None
    assert one.live.source_line(["c1", 2]) == "b = 2"


# --- Keras -----------------------------------------------------------------------------------------------------------


def test_a_keras_submission_is_judged_by_its_rebuilt_twin(tiny_keras: Bench) -> None:
    report = tiny_keras.grade()
    assert [check.message.en for check in report.checks] == ["Right.", "Right."]
    stub = tiny_keras.engine.grade(tiny_keras.stub(), tiny_keras.name, "ana")
    assert stub.score == 0.0


KERAS_CELL = """
import keras, numpy as np, tensorflow as tf
def net(units=2):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation="tanh"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model
def train(model, x, y):
    return model.fit(x, y, epochs=2, verbose=0)
def last(history):
    return history.history["loss"][-1]
def liar():
    model = net()
    model.call = lambda x, **k: x[:, :1] * 0 + 41537
    return model
def custom(a):
    class Kept(keras.layers.Layer):
        def call(self, x): return x
    hidden = type(f"L{a}", (keras.layers.Layer,), {"call": lambda self, x: x})
    return [keras.Sequential([keras.Input((2,)), cls()]) for cls in (Kept, hidden)]
class Sub(keras.Model):
    def call(self, x): return x
def sub(): return Sub()
def odd(): return tf.constant([1.0, 2.0]), tf.Variable(3.0), {"a": tf.constant(1)}, keras.Variable(2.0)
def not_a_model(): return keras.layers.Dense
def undescribed():
    model = net(); model.get_weights = lambda: 1 / 0
    return model
def strange():
    model = net(); model.get_weights = lambda: ["a"]
    return model
def wrong_weights():
    model = net(); model.get_weights = lambda: [np.zeros((9, 9))]
    return model
def unfit():
    model = net(); model.fit = lambda *a, **k: 3
    return model
def forged():
    model = net(); model.get_compile_config = lambda: {"optimizer": {"class_name": [1]}, "loss": [[[["mse"]]]], "metrics": 3}
    return model
def nested():
    deep = "acc"
    for _ in range(800):
        deep = [deep]
    model = net(); model.get_compile_config = lambda: {"optimizer": "sgd", "metrics": deep}
    return model
def spoil():
    keras.Sequential = keras.callbacks.History = None
def no_reply():
    model = net(); model.call = lambda x, **k: x[:, 0]
    return model
"""


def test_models_cross_as_data_and_lies_about_them_fail(
    tiny_keras: Bench, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desk(KERAS_CELL, bench=tiny_keras)
    x = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
    y = x[:, :1]
    student = one.student

    model = student.model("net", 3)
    assert [node.units for node in model.network] == [3, 1]
    assert model.count_params() == 13
    assert model.predict(x).shape == (12, 1)
    before = model.weights[0].copy()
    history = student.call("train", model, x, y)
    assert set(history.history) == {"loss"}
    assert student.call("last", history) == history.history["loss"][-1]
    model.refresh()
    assert not np.array_equal(before, model.weights[0])
    with pytest.raises(BadReply, match="shape asked for"):
        model.predict(np.ones((2, 7)))
    with pytest.raises(BadReply, match="cannot be trained"):
        model.fit(np.ones((2, 7)), y)

    ours = student.keras_model(
        (2,),
        [("Dense", {"units": 1})],
        compile={"optimizer": ("SGD", {"learning_rate": 0.5}), "loss": "mse"},
        weights=[np.ones((2, 1)), np.zeros(1)],
    )
    assert np.allclose(ours.predict(x), x.sum(axis=1, keepdims=True), atol=1e-5)
    assert ours.compiled is not None
    assert ours.compiled.optimizer == "sgd"
    assert student.call("last", student.history({"loss": [3, 2]})) == 2.0

    tensor, variable, nested, keras_variable = student.call("odd")
    assert tensor.tolist() == [1.0, 2.0]
    assert (float(variable), int(nested["a"]), float(keras_variable)) == (3.0, 1, 2.0)

    with pytest.raises(BadReply, match="does not compute"):
        student.model("liar").predict(x)
    kept, hidden = student.call("custom", 41537)
    with pytest.raises(BadReply, match=r"\(Kept\)"):
        _ = kept.network
    with pytest.raises(BadReply) as caught:
        hidden.predict(x)
    assert "41537" not in repr(caught.value.text)
    with pytest.raises(BadReply, match=r"\(Sub\)"):
        _ = student.model("sub").network
    with pytest.raises(BadReply, match="has to return a Keras model"):
        student.model("not_a_model")
    with pytest.raises(BadReply, match="cannot be described"):
        student.model("undescribed")
    with pytest.raises(BadReply, match=r"cannot be (read|described)"):
        student.model("strange")
    with pytest.raises(BadReply, match="cannot be rebuilt"):
        student.model("wrong_weights").predict(x)
    with pytest.raises(BadReply, match="did not return a history"):
        student.model("unfit").fit(x, y)
    with pytest.raises(BadReply, match="does not compute"):
        student.model("no_reply").predict(x)
    forged = student.model("forged").compiled
    assert forged is None or isinstance(forged.loss, str)
    with pytest.raises(BadReply, match=r"cannot be (read|described)"):
        _ = student.model("nested").compiled

    assert student.call("spoil") is None, "plain answers cross even when the notebook has broken Keras"
    with pytest.raises(BadReply, match="changed Keras"):
        student.keras_model((2,), [("Dense", {"units": 1})])
    with pytest.raises((BadReply, Raised)):
        student.history({"loss": [1.0]})
    monkeypatch.setattr("autograder.examiner.twins._TWIN_SECONDS", 0.0)
    with pytest.raises(EngineError, match="rebuilding process failed"):
        model.predict(x)


# --- faults of ours --------------------------------------------------------------------------------------------------

BROKEN = {
    "import": ("import nothing_like_it\n" + TINY_GRADER, "could not be imported"),
    "syntax": ("def (", "could not be imported"),
    "points": (TINY_GRADER.replace("points=4", "points=-4"), "points must be a positive number"),
    "undeclared": (TINY_GRADER + "\n\ndef test_more(student):\n    pass\n", "test_more has no @check"),
    "empty": ("x = 1\n", "holds no check"),
    "exit": ("import sys\nsys.exit(3)\n", "holds no check"),
    "interrupt": ("raise KeyboardInterrupt\n", "holds no check"),
    "twice": (
        TINY_GRADER.replace(
            "@check(points=2", "import pytest\n@pytest.mark.parametrize('n', [1, 2])\n@check(points=2"
        ).replace("column_row(student, rng)", "column_row(student, rng, n)"),
        "more than one check called column_row",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.items(), ids=lambda item: item[0])
def test_a_grader_that_cannot_be_read_judges_nobody(
    broken: tuple[str, tuple[str, str]], tiny: Bench, using: Any, tmp_path: Path
) -> None:
    import re

    grader, why = broken[1]
    report = using(tiny, tiny.with_grader(tmp_path, grader)).grade()
    assert report.status is Status.NEEDS_REVIEW
    assert "failed" not in outcomes(report)
    assert re.search(why, report.faults[0]), report.faults
    assert report.reason is not None


def test_a_conftest_that_cannot_be_read_judges_nobody(tiny: Bench, using: Any, tmp_path: Path) -> None:
    course = tiny.with_grader(tmp_path, TINY_GRADER)
    (course.assignment(tiny.name).folder / "conftest.py").write_text("1 / 0\n")
    report = using(tiny, course).grade()
    assert report.status is Status.NEEDS_REVIEW
    assert "ended before it had collected any check" in report.faults[0]


def test_a_conftest_above_the_assignment_is_not_run(tiny: Bench, using: Any, tmp_path: Path) -> None:
    course = tiny.with_grader(tmp_path / "course", TINY_GRADER)
    for folder in (tmp_path, course.root, course.root / "solutions"):
        (folder / "conftest.py").write_text("1 / 0\n")
    assert using(tiny, course).grade().status is Status.GRADED


IN_CHECK = {
    "TypeError": "    None + 1\n",
    "unknown hint": "    from autograder.checks import expect\n    expect(False, 'unheard')\n",
    "fixture": None,
    "skip": "    import pytest\n    pytest.skip('x')\n",
    "exit": "    raise SystemExit\n",
    "want": "    expect_close(1.0, float('nan'))\n",
}


@pytest.mark.parametrize("fault", IN_CHECK.items(), ids=lambda item: item[0])
def test_a_fault_in_one_check_leaves_the_others_judged(
    fault: tuple[str, str | None], tiny: Bench, using: Any, tmp_path: Path
) -> None:
    title = '"""Column against row."""\n'
    if fault[1] is None:
        grader = TINY_GRADER.replace("column_row(student, rng)", "column_row(student, no_such_fixture)")
    else:
        grader = TINY_GRADER.replace(title, title + fault[1])
    report = using(tiny, tiny.with_grader(tmp_path, grader)).grade()
    assert outcomes(report) == ["passed", "unjudged", "passed"]
    assert report.status is Status.NEEDS_REVIEW
    assert len(report.faults) == 1
    assert report.faults[0].startswith("90_tiny.column_row: ")
    assert "costs you nothing" in report.checks[1].message.en


def test_a_grader_that_starts_threads_when_it_is_imported_judges_nobody(
    tiny: Bench, using: Any, tmp_path: Path
) -> None:
    waiting = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    report = using(tiny, tiny.with_grader(tmp_path, waiting + TINY_GRADER)).grade()
    assert report.status is Status.NEEDS_REVIEW
    assert "starts threads when it is imported" in report.faults[0]


def test_a_grader_that_ends_its_process_on_import_harms_no_other(tiny: Bench, using: Any, tmp_path: Path) -> None:
    good = tiny.course
    report = using(tiny, tiny.with_grader(tmp_path, "import os\nos._exit(0)\n")).grade()
    assert report.status is Status.NEEDS_REVIEW
    assert report.faults
    assert outcomes(using(tiny, good).grade()) == RIGHT


def test_a_graders_process_that_was_lost_is_replaced(tiny: Bench) -> None:
    assert outcomes(tiny.grade()) == RIGHT
    pid = tiny.engine._parents[autograder.engine._EXAMINING]._process.pid
    held = psutil.Process(pid).children()
    assert held
    for process in held:
        process.kill()
    assert soon(lambda: not any(map(psutil.Process.is_running, held)))
    assert outcomes(tiny.grade()) == RIGHT


def test_a_grader_is_read_anew_once_it_has_changed_and_nothing_in_it_outlives_a_submission(
    tiny: Bench, using: Any, tmp_path: Path
) -> None:
    title = '"""Column against row."""\n'
    once = TINY_GRADER.replace(title, title + "    assert not SEEN\n    SEEN.append(1)\n") + "\nSEEN = []\n"
    bench = using(tiny, tiny.with_grader(tmp_path, once))
    assert outcomes(bench.grade()) == outcomes(bench.grade()) == RIGHT
    bench.course.assignment(bench.name).grader.write_text(once.replace("SEEN = []", "SEEN = [0]"))
    assert outcomes(bench.grade()) == ["passed", "failed", "passed"]


def test_an_examiner_that_is_killed_keeps_what_it_had_judged(tiny: Bench, using: Any, tmp_path: Path) -> None:
    title = '"""Column against row."""\n'
    grader = TINY_GRADER.replace(title, title + "    import os\n    os.kill(os.getpid(), 9)\n")
    report = using(tiny, tiny.with_grader(tmp_path, grader)).grade()
    assert outcomes(report) == ["passed", "unjudged", "unjudged"]
    assert report.score == 4.0
    assert report.status is Status.NEEDS_REVIEW
    assert "examining process was lost" in report.faults[0]


def test_an_examination_that_hangs_is_given_up(
    tiny: Bench, using: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = '"""Column against row."""\n'
    grader = TINY_GRADER.replace(title, title + "    import time\n    time.sleep(60)\n")
    course = tiny.with_grader(tmp_path, grader)
    limits = tiny.limited(total_seconds=4.0).assignments
    monkeypatch.setattr(autograder.engine, "_MARGIN_SECONDS", 1.0)
    from dataclasses import replace

    report = using(tiny, replace(course, assignments=limits)).grade()
    assert outcomes(report)[1:] == ["unjudged", "unjudged"]
    assert "took too long" in report.faults[0]


def test_without_a_wall_nothing_is_run(tiny: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    marker = tmp_path / "ran"
    if os.geteuid() != 0:
        pytest.skip("a folder closed to its owner is no obstacle the walls would notice")
    monkeypatch.setattr(autograder.engine, "libraries", lambda: (*libraries(), str(closed)))
    with pytest.raises(WallError, match="could not be raised"):
        tiny.grade(extra=f"open({str(marker)!r}, 'w')")
    assert not marker.exists()


def test_a_wall_that_fails_stops_the_whole_class(tiny: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("a folder closed to its owner is no obstacle the walls would notice")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    monkeypatch.setattr(autograder.engine, "libraries", lambda: (*libraries(), str(closed)))
    handed = [handed_in(str(i), tiny.name, tiny.stub()) for i in range(3)]
    with ThreadPoolExecutor(1) as executor, pytest.raises(WallError):
        grade_class(tiny.engine, handed, executor)


def test_a_fault_with_one_submission_leaves_the_class_graded(tiny: Bench) -> None:
    class Bad(bytes):
        """What cannot be read: whatever happens with it, the others are graded."""

        def __len__(self) -> int:
            raise OSError("the disk is gone")

    handed = [handed_in("ana", tiny.name, tiny.stub()), handed_in("eva", "90_tiny", None)]
    handed.insert(1, handed_in("bob", "90_tiny", Bad(b"x")))
    seen: list[str] = []
    with ThreadPoolExecutor(1) as executor:
        graded = grade_class(tiny.engine, handed, executor, lambda one: seen.append(one.report.student))
    reports = [one.report for one in graded]
    assert [report.status for report in reports] == [Status.GRADED, Status.NEEDS_REVIEW, Status.REJECTED]
    assert [report.student for report in reports] == ["ana", "bob", "eva"]
    assert sorted(seen) == ["ana", "bob", "eva"]
    assert reports[1].faults


def test_a_warm_parent_that_died_is_replaced(tiny: Bench) -> None:
    parent = tiny.engine._parent(tiny.engine.kind(tiny.name))
    os.kill(parent._process.pid, signal.SIGKILL)
    parent._process.wait()
    with pytest.raises(EngineError, match="gone"):
        parent.fork({"run": "x"}, [])
    assert outcomes(tiny.grade()) == RIGHT


def test_a_warm_parent_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nothing_like_it"):
        WarmParent(["nothing_like_it"], tmp_path)
    with pytest.raises(EngineError, match="did not start"):
        WarmParent(["antigravity_of_syntax", "this"], tmp_path)


def test_a_warm_parent_with_a_second_thread_refuses_to_fork() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = f"""
import socket, threading
from autograder.kernel import warm
threading.Thread(target=threading.Event().wait, daemon=True).start()
warm._serve(socket.socket(fileno={theirs.fileno()}), ["json"])
"""
    with ours, theirs:
        done = subprocess.run([sys.executable, "-c", program], pass_fds=[theirs.fileno()], timeout=60)
        assert done.returncode == 1
        assert json.loads(ours.recv(1000)) == {"error": "2 threads after the imports, so forking is not sound"}


def test_a_child_runs_nothing_that_is_not_ours(tiny: Bench) -> None:
    from autograder.kernel.session import Session
    from autograder.sandbox import Plan

    parent = tiny.engine._parent(tiny.engine.kind(tiny.name))
    with pytest.raises(EngineError, match="did not start"):
        Session(parent.requests, "os:abort", Plan("/nonexistent", ()), {}, 1000)


# --- nothing is left -------------------------------------------------------------------------------------------------


def family(sessions: Sequence[int]) -> set[int]:
    """Living processes of these sessions, and their descendants wherever they went."""
    parents: dict[int, tuple[int, int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            rest = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if rest[0] != "Z":
            parents[int(name)] = int(rest[1]), int(rest[3])
    found = {pid for pid, (_, session) in parents.items() if session in sessions}
    while more := {pid for pid, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return found


def test_nothing_is_left_when_the_engine_closes(tiny_course: Course) -> None:
    daemon = """
import os, subprocess, time
subprocess.Popen(["sleep", "999"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(999)
    os._exit(0)
open("left.txt", "w").write("x")
os.makedirs("a/b"); os.chmod("a", 0)
"""
    with Engine(tiny_course) as engine:
        bench = Bench(engine, "90_tiny")
        assert outcomes(bench.grade(extra=daemon)) == RIGHT
        sessions = [parent._process.pid for parent in engine._parents.values()]
        assert soon(lambda: len(family(sessions)) == 3), (
            "only warm parents and the grader's process stay between submissions"
        )
        scratch = Path(engine._scratch.path)
        assert soon(lambda: not list(scratch.iterdir()))
    assert soon(lambda: not family(sessions))
    assert not scratch.exists()


def test_what_is_running_can_be_ended_at_once(tiny: Bench) -> None:
    reports: list[Report] = []
    thread = threading.Thread(target=lambda: reports.append(tiny.grade(extra="import time\ntime.sleep(50)")))
    sessions = [parent._process.pid for parent in tiny.engine._parents.values()]
    idle = len(family(sessions))
    thread.start()
    assert soon(lambda: len(family(sessions)) > idle + 2)
    started = time.monotonic()
    time.sleep(0.3)
    tiny.engine.cancel()
    thread.join(20)
    assert time.monotonic() - started < 10
    assert reports[0].status is Status.NEEDS_REVIEW
    assert all(check.outcome is Outcome.UNJUDGED for check in reports[0].checks)
    assert soon(lambda: len(family(sessions)) <= idle + 1), "one more is the process of this grader"
