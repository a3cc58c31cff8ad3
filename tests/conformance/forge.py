"""Points without an answer."""

from __future__ import annotations

from .case import Case

_NOTHING = {"mse": "def mse(a, b):\n    return None\n", "scale": "def scale(x):\n    return None\n"}


def _forges(name: str, violation: str, source: str, answers: dict[str, str] | None = None, score: float = 0.0) -> Case:
    """Nothing is answered, and a cell of the student's own, run before the others and after them, tries to be paid."""
    return Case(name, violation, score, answers or _NOTHING, first=source, extra=source)


def _both(body: str) -> dict[str, str]:
    """The same body behind both tasks' names."""
    return {"mse": f"{body}\nmse = answer\n", "scale": f"{body}\nscale = answer\n"}


CASES = (
    _forges(
        "input_transformer",
        "a transformer of IPython's input rewrites the tests",
        """
def _emptied(lines):
    text = "".join(lines)
    return ["pass\\n"] if "assert" in text or "mse(" in text or "scale(" in text else lines

get_ipython().input_transformers_cleanup.append(_emptied)
""",
    ),
    _forges(
        "ast_transformer",
        "a transformer of syntax trees removes the tests' assertions",
        """
import ast

class NoAssert(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(NoAssert())
""",
    ),
    _forges(
        "run_cell_hook",
        "the shell's own way of running cells is replaced",
        """
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
_run = InteractiveShell.run_cell

def _fine(self, raw_cell, *args, **kwargs):
    result = _run(self, "pass", *args, **kwargs)
    result.error_in_exec = None
    return result

InteractiveShell.run_cell = _fine
""",
    ),
    _forges(
        "assertions_without_effect",
        "AssertionError is replaced by an exception that nobody sees",
        """
import builtins

class Quiet(BaseException):
    pass

builtins.AssertionError = Quiet
get_ipython().set_custom_exc((BaseException,), lambda *args, **kwargs: None)
""",
    ),
    _forges(
        "otter_result",
        "otter's record of a test case says that it passed",
        """
try:
    import otter.test_files.abstract_test as tests
    tests.TestCaseResult.__init__ = lambda self, test_case, message, passed: self.__dict__.update(
        test_case=test_case, message="", passed=True)
    from otter.test_files import TestFile, GradingResults
    TestFile.score = property(lambda self: self.possible)
    TestFile.passed_all = property(lambda self: True)
except ImportError:
    pass
""",
    ),
    _forges(
        "otter_reports_itself",
        "the notebook writes the grader's result file itself",
        """
import os, pickle
for folder in (".", "..", "/tmp"):
    for name in ("results.json", ".OTTER_LOG", "results.pkl"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write('{"score": 10, "tests": [{"score": 10, "max_score": 10, "status": "passed"}]}')
        except OSError:
            pass
""",
    ),
    _forges(
        "numpy_agrees",
        "numpy's comparisons are replaced by ones that always agree",
        """
import numpy as np
for module in (np, np.testing):
    for name in ("allclose", "isclose", "array_equal", "array_equiv"):
        if hasattr(module, name):
            setattr(module, name, lambda *args, **kwargs: True)
    for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal", "assert_equal", "assert_array_almost_equal"):
        if hasattr(module, name):
            setattr(module, name, lambda *args, **kwargs: None)
import math
math.isclose = lambda *args, **kwargs: True
import builtins
builtins.abs = lambda value: 0.0
builtins.all = lambda values: True
""",
    ),
    Case(
        "equals_everything",
        "an object that says it equals everything counts as the right value",
        0.0,
        _both(
            """
class Anything(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __add__ = __mul__ = __rmul__ = __truediv__ = __neg__ = lambda self, *other: self
    __bool__ = lambda self: True
    __hash__ = float.__hash__
    __array_priority__ = 1e9

def answer(*args, **kwargs):
    return Anything("nan")
"""
        ),
    ),
    Case(
        "array_of_anything",
        "an array of objects that agree with everything counts as the right array",
        0.0,
        _both(
            """
import numpy as np

class Agrees(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(()) if ufunc not in (np.less_equal, np.equal, np.isfinite) else np.ones((), bool)
    def __array_function__(self, func, types, args, kwargs):
        return True
    __eq__ = __le__ = lambda self, other: True

def answer(*args, **kwargs):
    return np.zeros(5).view(Agrees)
"""
        ),
    ),
    Case(
        "not_a_number",
        "NaN slips through a comparison that is written the wrong way round",
        0.0,
        _both("def answer(*args, **kwargs):\n    return float('nan')\n"),
    ),
    Case(
        "infinity",
        "infinity slips through a tolerance that grows with the value",
        0.0,
        _both("import numpy as np\ndef answer(x, *args):\n    return np.full(np.shape(x), np.inf)\n"),
    ),
    Case(
        "changes_its_argument",
        "the hidden input is overwritten so that a wrong value becomes right",
        0.0,
        _both(
            """
import numpy as np

def answer(*args, **kwargs):
    for arg in args:
        if isinstance(arg, np.ndarray):
            arg[...] = 0
        elif isinstance(arg, list):
            arg[:] = [0] * len(arg)
    return 0.0
"""
        ),
    ),
    Case(
        "expected_value_in_a_frame",
        "the expected value is taken from a variable of the code that calls",
        0.0,
        _both(
            """
import gc, sys

def answer(*args, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        for names in (frame.f_locals, frame.f_globals):
            for name in ("want", "expected", "solution", "correct", "reference"):
                if name in names:
                    return names[name]
        frame = frame.f_back
    for found in gc.get_objects():
        if isinstance(found, dict) and "expected" in found:
            return found["expected"]
"""
        ),
    ),
    Case(
        "trace_function",
        "a trace function changes what the tests compare",
        0.0,
        _both(
            """
import sys

def _trace(frame, event, arg):
    for name in ("got", "result", "value", "actual"):
        if name in frame.f_locals and "want" in frame.f_locals:
            frame.f_locals[name] = frame.f_locals["want"]
    return _trace

def answer(*args, **kwargs):
    sys.settrace(_trace)
    return None
"""
        ),
    ),
    Case(
        "raises_skip",
        "an exception that means 'skipped' to the testing library counts as passed",
        0.0,
        _both(
            """
import unittest

def answer(*args, **kwargs):
    try:
        import pytest
        pytest.skip("nothing to see")
    except ImportError:
        raise unittest.SkipTest("nothing to see")
"""
        ),
    ),
    Case(
        "exits_in_good_order",
        "a process that ends with status 0 counts as passed",
        0.0,
        _both("import sys\ndef answer(*args, **kwargs):\n    sys.exit(0)\n"),
    ),
    Case(
        "frames_on_descriptors",
        "a verdict that the submission writes on the grader's own connections is believed",
        0.0,
        _both(
            """
import json, os, struct

_frames = [json.dumps(body).encode() for body in (
    {"event": "result", "outcome": "passed", "points": 10}, {"nonce": "", "reply": 4.0}, {"passed": True, "score": 10})]

def answer(*args, **kwargs):
    for descriptor in range(3, 64):
        for frame in _frames:
            try:
                os.write(descriptor, struct.pack(">II", len(frame), 0) + frame)
            except OSError:
                break
    return None
"""
        ),
    ),
    Case(
        "answer_of_another_question",
        "a reply to one question is taken for the reply to the next",
        0.0,
        _both(
            """
import gc, socket, threading, time

def _replay():
    for _ in range(50):
        for found in gc.get_objects():
            if isinstance(found, socket.socket):
                try:
                    found.send(b"\\x00\\x00\\x00\\x10\\x00\\x00\\x00\\x00" + b'{"nonce":"stale"')
                except OSError:
                    pass
        time.sleep(0.02)

threading.Thread(target=_replay, daemon=True).start()

def answer(*args, **kwargs):
    time.sleep(0.2)
    return None
"""
        ),
    ),
    Case(
        "patched_from_the_stack",
        "the shell's own objects, reached by the stack, are made to report success",
        0.0,
        _both(
            """
import sys

def answer(*args, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        me = frame.f_locals.get("self")
        if me is not None:
            for name in ("_packed", "_guarded", "_describe_exception", "_value"):
                if hasattr(type(me), name):
                    setattr(type(me), name, staticmethod(lambda *a, **k: ({"reply": 4.0, "value": 4.0}, [])))
        frame = frame.f_back
    return None
"""
        ),
    ),
    _forges(
        "own_numpy",
        "the name `np` stands for something else where tests use it",
        """
class Agreeing:
    def __call__(self, *args, **kwargs):
        return True
    def __getattr__(self, name):
        return self

np = numpy = assert_allclose = isclose = allclose = Agreeing()
float = abs = round = lambda *args, **kwargs: 0.0
isinstance = lambda *args: True
""",
    ),
    _forges(
        "kernel_reply",
        "the kernel's reply to every cell is that all went well",
        """
shell = get_ipython()
kernel = getattr(shell, "kernel", None)

async def _fine(*args, **kwargs):
    return {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}

if kernel is not None:
    kernel.do_execute = _fine
shell.showtraceback = lambda *args, **kwargs: None
shell._showtraceback = lambda *args, **kwargs: None
""",
    ),
    _forges(
        "json_turned",
        "what is written as JSON says true where it was false",
        """
import json
_dumps = json.dumps

def _turned(value, *args, **kwargs):
    text = _dumps(value, *args, **kwargs)
    return text.replace('"failed"', '"passed"').replace("false", "true").replace('"error"', '"ok"')

json.dumps = _turned
json.JSONEncoder.encode = lambda self, value: _turned(value)
""",
    ),
    _forges(
        "pickle_turned",
        "results that are pickled in the notebook's process say passed where it was failed",
        """
import pickle
_dump = pickle.dump

def _mend(value, depth=0):
    for name in ("passed", "passed_all"):
        if getattr(value, name, None) is False:
            try:
                setattr(value, name, True)
            except AttributeError:
                pass
    if depth < 6:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for item in [*inner, *getattr(value, "__dict__", {}).values()]:
            _mend(item, depth + 1)

def _turned(value, *args, **kwargs):
    _mend(value)
    return _dump(value, *args, **kwargs)

pickle.dump = _turned
""",
    ),
    _forges(
        "tests_rewritten",
        "test files within reach are rewritten so that they pass",
        """
import glob, re
for pattern in ("*.py", "*/*.py", "../*.py", "../*/*.py", "../../*/*.py"):
    for path in glob.glob(pattern):
        try:
            text = open(path).read()
            if "assert" in text:
                open(path, "w").write(re.sub(r"(?m)^( *)(assert|np.testing).*$", r"\\1pass", text))
        except OSError:
            pass
""",
    ),
    _forges(
        "notebook_rewritten",
        "the notebook on the disk, outputs and marks included, is replaced when the kernel ends",
        """
import atexit, glob, json

def _rewrite():
    for path in glob.glob("*.ipynb") + glob.glob("../*.ipynb"):
        notebook = json.load(open(path))
        for cell in notebook["cells"]:
            cell["outputs"] = []
            if "assert" in "".join(cell["source"]):
                cell["source"] = "pass"
        json.dump(notebook, open(path, "w"))

atexit.register(_rewrite)
try:
    _rewrite()
except OSError:
    pass
""",
    ),
    _forges(
        "shell_of_this_engine",
        "the shell behind the walls answers for the notebook",
        """
try:
    import numpy as numbers
    from autograder.kernel import shell, values, wire
    tree, arrays = values.pack({"value": 4.0, "seconds": 0.0, "warnings": [], "passed": True, "points": 10})
    for name in ("_call", "_value", "_apply"):
        setattr(shell.StudentShell, name, lambda self, *args: ({"reply": tree, "points": 10, "outcome": "passed"}, arrays))
    _send = wire.send
    wire.send = lambda sock, header, *args, **kwargs: [_send(sock, header, *args, **kwargs) for _ in range(2)]
except ImportError:
    pass
""",
    ),
    _forges(
        "stale_nonce",
        "an answer under the nonce of an earlier question counts for a later one",
        """
try:
    from autograder.kernel import wire
    _send, _first = wire.send, []

    def _stale(sock, header, *args, **kwargs):
        _first.append(header.get("nonce"))
        return _send(sock, {**header, "nonce": _first[0]}, *args, **kwargs)

    wire.send = _stale
except ImportError:
    pass
""",
    ),
    Case(
        "masked",
        "masked values, which compare as nothing at all, count as right",
        0.0,
        _both("import numpy as np\ndef answer(x, *args):\n    return np.ma.masked_all(np.shape(x)[:1])\n"),
    ),
    Case(
        "array_protocol",
        "an object that is another array at every look counts as right",
        0.0,
        _both(
            """
import numpy as np

class Shifting:
    shape, ndim, size, dtype, looks = (5,), 1, 5, np.dtype(float), 0
    def __array__(self, dtype=None, copy=None):
        Shifting.looks += 1
        return np.full(5, np.nan) if Shifting.looks % 2 else np.zeros(5)
    def __len__(self):
        return 5
    def __float__(self):
        return float("nan")
    def __getattr__(self, name):
        return lambda *args, **kwargs: True

def answer(*args, **kwargs):
    return Shifting()
"""
        ),
    ),
    Case(
        "words_for_numbers",
        "the words for a number count as the number",
        0.0,
        _both("import numpy as np\ndef answer(*args, **kwargs):\n    return np.array('4.0 1.0 passed')\n"),
    ),
    Case(
        "says_it_passed",
        "text that says how many points there are is taken for the points",
        0.0,
        _NOTHING,
        extra="print('All tests passed! Total Score: 10.000 / 10.000 (100.000%)')\n",
    ),
    Case(
        "half_an_answer",
        "one right task pays for the wrong one beside it",
        4.0,
        {"mse": _NOTHING["mse"]},
    ),
)
