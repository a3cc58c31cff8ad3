"""Right answers that print, warn, draw and write: noise costs nothing."""

from __future__ import annotations

from .case import RIGHT, Case


def _noisy(name: str, violation: str, inside: str = "", before: str = "") -> Case:
    """Both answers are right; `inside` is run at every call of the first, `before` once."""
    body = RIGHT["mse"].replace(
        "def mse(a, b):\n", "def mse(a, b):\n" + "".join(f"    {line}\n" for line in inside.splitlines())
    )
    return Case(name, violation, 10.0, {"mse": f"import logging, os, sys, warnings\n{before}\n{body}"})


_WRITTEN = "what is written to stderr costs points"

CASES = (
    _noisy("prints", "what is printed costs points", "print('called with', a, b)"),
    _noisy("stderr", _WRITTEN, "print('called', file=sys.stderr)"),
    _noisy("stderr_from_c", _WRITTEN, "os.write(2, b'from below Python\\n')"),
    _noisy("stderr_once", _WRITTEN, before="print('E0000 computation_placer.cc: already registered', file=sys.stderr)"),
    _noisy(
        "warnings",
        "a warning costs points",
        "warnings.warn('deprecated', DeprecationWarning)\nwarnings.warn('careful')",
    ),
    _noisy("numpy_warning", "a warning of NumPy's costs points", "np.log(np.zeros(1))"),
    _noisy("logging", "a log line costs points", "logging.getLogger().error('an error that is none')"),
    _noisy(
        "traceback_in_words",
        "text that looks like a traceback costs points",
        "print('Traceback (most recent call last):\\nAssertionError')",
    ),
    _noisy(
        "progress_bar",
        "a progress bar costs points",
        "for i in range(100):\n    sys.stderr.write(f'\\r{i} %')\n    sys.stderr.flush()",
    ),
    _noisy(
        "control_codes",
        "control codes in the output stop the grader",
        "print('\\x1b[2J\\x1b]0;title\\x07\\x00\\x9b31m')",
    ),
    _noisy("surrogates", "text that no file can hold stops the grader", before="print('\\ud800 \\udfff')"),
    _noisy(
        "figures",
        "figures stop the grader",
        before="import matplotlib.pyplot as plt\nfor _ in range(3):\n    plt.figure()\n    plt.plot([1, 2, 3])\nplt.show()",
    ),
    _noisy(
        "child_writes",
        _WRITTEN,
        before="import subprocess\nsubprocess.run(['sh', '-c', 'echo from a child >&2; echo and here'])",
    ),
    _noisy(
        "at_exit",
        "what is printed at the very end stops the grader",
        before="import atexit\natexit.register(lambda: print('bye'))",
    ),
    _noisy(
        "replaces_stdout",
        "a notebook that takes stdout away costs points",
        before="import io\nsys.stdout = io.StringIO()\nsys.stderr = None",
    ),
    _noisy(
        "display_hook",
        "a replaced display hook stops the grader",
        before="sys.displayhook = lambda value: 1 / 0\nsys.excepthook = None",
    ),
    _noisy(
        "html",
        "HTML in the output gets into the grader's page",
        before="from IPython.display import HTML, display\ndisplay(HTML('<script>document.title = 1</script>'))",
    ),
    Case(
        "list_of_floats",
        "an answer as a list, which is right, is not taken",
        10.0,
        {
            "scale": RIGHT["scale"].replace(
                "return (x - x.min()) / (x.max() - x.min())", "return list((x - x.min()) / np.ptp(x))"
            )
        },
    ),
    _noisy("flood", "a flood of output costs points", "print('x' * 4_000_000)"),
    _noisy("bytes", "bytes that are no text stop the grader", "os.write(1, bytes(range(256)))"),
    _noisy(
        "thread_prints",
        "a thread that goes on printing costs points",
        before="import threading, time\n"
        "def _tick():\n    while True:\n        print('tick')\n        time.sleep(0.05)\n"
        "threading.Thread(target=_tick, daemon=True).start()",
    ),
    _noisy(
        "unraisable",
        "an exception that nobody can catch costs points",
        before="class Ends:\n    def __del__(self):\n        raise ValueError('late')\n",
        inside="Ends()",
    ),
    _noisy("print_options", "another way of printing numbers costs points", before="np.set_printoptions(precision=1)"),
    *(
        Case(name, "a right answer in another shape is not taken", 10.0, {"mse": source})
        for name, source in (
            ("lambda", "mse = lambda a, b: np.mean((np.ravel(a) - np.ravel(b)) ** 2)\n"),
            ("zero_dimensional", "def mse(a, b):\n    return np.array(np.mean((np.ravel(a) - np.ravel(b)) ** 2))\n"),
            (
                "callable_object",
                "class Error:\n    def __call__(self, a, b):\n"
                "        return float(np.mean((np.ravel(a) - np.ravel(b)) ** 2))\n\nmse = Error()\n",
            ),
        )
    ),
)
