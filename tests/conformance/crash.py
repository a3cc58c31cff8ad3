"""The interpreter ends or breaks while the submission runs: what was right is still paid."""

from __future__ import annotations

from .case import Case


def _breaks(name: str, violation: str, body: str) -> Case:
    """The first task breaks the process whenever it is called; the second is answered rightly and must be paid."""
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return Case(name, violation, 4.0, {"mse": f"import ctypes, os, signal, sys\n\ndef mse(a, b):\n{indented}\n"})


def _leaves(name: str, source: str) -> Case:
    """Right answers, and then an experiment that leaves the interpreter in a state of its own."""
    return Case(name, "what an experiment leaves behind costs the points of right answers", 10.0, extra=f"{source}\n")


_LOST = "the kernel's end costs points that were earned elsewhere"

CASES = (
    _breaks("exit", _LOST, "os._exit(0)"),
    _breaks("exit_with_error", _LOST, "os._exit(1)"),
    _breaks("segmentation_fault", _LOST, "ctypes.string_at(0)"),
    _breaks("abort", _LOST, "os.abort()"),
    _breaks("killed", _LOST, "os.kill(os.getpid(), signal.SIGKILL)"),
    _breaks("process_group_killed", _LOST, "os.killpg(0, signal.SIGKILL)"),
    _breaks("closed_descriptors", _LOST, "os.closerange(0, 4096)"),
    _breaks("stopped", "a stopped process holds everything up", "os.kill(os.getpid(), signal.SIGSTOP)"),
    _breaks("becomes_another_program", _LOST, "os.execvp('true', ['true'])"),
    _breaks("interpreter_state", _LOST, "sys.modules.clear()\nimport builtins\nbuiltins.__dict__.clear()"),
    Case(
        "deleted_folder",
        "without its working folder a right submission is worth nothing",
        10.0,
        extra="import os, shutil\nhere = os.getcwd()\nos.chdir('/')\nshutil.rmtree(here, ignore_errors=True)\n",
    ),
    Case(
        "last_cell_exits",
        "a kernel that ends after all answers costs their points",
        10.0,
        extra="import os\nos._exit(0)\n",
    ),
    Case(
        "last_cell_raises",
        "an exception in a student's own experiment costs points",
        10.0,
        extra="raise RuntimeError('an experiment that went wrong')\n",
    ),
    _leaves("system_exit", "import sys\nsys.exit(3)"),
    _leaves("keyboard_interrupt", "raise KeyboardInterrupt"),
    _leaves("other_folder", "import os\nos.chdir('/')"),
    _leaves("no_environment", "import os\nos.environ.clear()"),
    _leaves("no_import_path", "import sys\nsys.path.clear()\nsys.meta_path.clear()"),
    _leaves("closed_stdout", "import os, sys\nsys.stdout.close()\nos.close(1)\nos.close(2)"),
    _leaves("alarm", "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.alarm(1)"),
    _leaves("late_fault", "import ctypes, threading\nthreading.Timer(0.05, ctypes.string_at, (0,)).start()"),
    _leaves("goes_on_twice", "import os\nos.fork()"),
)
