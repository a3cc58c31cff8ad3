"""Time, memory, processes, threads, output and disk, used up at the cost of everybody else."""

from __future__ import annotations

from .case import Case


def _uses_up(name: str, violation: str, body: str) -> Case:
    """The first task uses something up whenever it is called; the second is answered rightly and must be paid."""
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return Case(
        name, violation, 4.0, {"mse": f"import os, subprocess, sys, threading, time\n\ndef mse(a, b):\n{indented}\n"}
    )


CASES = (
    _uses_up(
        "endless_loop",
        "a loop without end holds everything up, or costs the other task's points",
        "while True:\n    pass",
    ),
    _uses_up(
        "stubborn_loop",
        "a loop that swallows the interrupt holds everything up",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    ),
    _uses_up("sleep", "waiting for nothing holds everything up", "time.sleep(3600)"),
    _uses_up(
        "deaf_to_signals",
        "a process that ignores signals cannot be ended",
        "import signal\n"
        "for number in range(1, 65):\n"
        "    try:\n"
        "        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n"
        "        pass\n"
        "while True:\n"
        "    time.sleep(60)",
    ),
    _uses_up(
        "long_computation_in_c",
        "a call that never returns to Python cannot be interrupted",
        "return pow(7, 10 ** 9) % 10",
    ),
    _uses_up(
        "memory_in_pieces",
        "memory is taken until the machine has none left",
        "kept = []\nwhile True:\n    kept.append(bytearray(os.urandom(1) * (16 << 20)))",
    ),
    _uses_up("memory_at_once", "an array larger than the machine's memory", "return float(np.ones(1 << 36).sum())"),
    _uses_up(
        "memory_of_children",
        "children take the memory that one process may not",
        "for _ in range(8):\n"
        "    subprocess.Popen([sys.executable, '-c', 'x = bytearray(b\"1\" * (400 << 20)); import time; time.sleep(3600)'])\n"
        "time.sleep(3600)",
    ),
    _uses_up(
        "fork_bomb",
        "processes multiply until nobody can start one",
        "while True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    ),
    _uses_up(
        "threads",
        "threads multiply until nobody can start one",
        "while True:\n"
        "    try:\n"
        "        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()\n"
        "    except RuntimeError:\n"
        "        time.sleep(0.01)",
    ),
    _uses_up(
        "disk",
        "the disk is filled",
        "number = 0\n"
        "while True:\n"
        "    with open(f'fill-{number}', 'wb') as file:\n"
        "        file.write(os.urandom(1 << 20) * 32)\n"
        "    number += 1",
    ),
    _uses_up(
        "recursion",
        "recursion without end takes the interpreter down",
        "sys.setrecursionlimit(10 ** 9)\nreturn mse(a, b)",
    ),
    _uses_up("huge_return_value", "a value that is too large to be read stops the grader", "return np.zeros(1 << 28)"),
    _uses_up(
        "deep_return_value",
        "a value that is nested too deep to be read stops the grader",
        "value = 1.0\nfor _ in range(200_000):\n    value = [value]\nreturn value",
    ),
    Case(
        "output",
        "output without end fills memory and reports",
        10.0,
        extra="for _ in range(400_000):\n    print('x' * 100)\n",
    ),
    _uses_up(
        "sparse_file",
        "a file that is larger than the disk, and nearly empty, stops whoever copies it",
        "with open('sparse', 'wb') as file:\n    file.truncate(1 << 42)",
    ),
    _uses_up(
        "many_files",
        "empty files without end use up the names that a disk has",
        "number = 0\nwhile True:\n    open(f'{number}', 'w').close()\n    number += 1",
    ),
    _uses_up("endless_generator", "a value without end is read for ever", "import itertools\nreturn itertools.count()"),
    _uses_up(
        "huge_view",
        "a view that is small here and enormous where it is copied",
        "return np.broadcast_to(np.float64(4.0), (1 << 20, 1 << 20))",
    ),
    _uses_up(
        "value_contains_itself",
        "a value that contains itself is read for ever",
        "value = []\nvalue.append(value)\nreturn value",
    ),
    Case(
        "stubborn_experiment",
        "an experiment that swallows every interrupt costs the points of right answers",
        10.0,
        extra="while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n",
    ),
    Case(
        "endless_exit",
        "a notebook that never ends when it is told to holds everything up",
        10.0,
        extra="import atexit, time\natexit.register(time.sleep, 3600)\n",
    ),
    Case(
        "output_from_c",
        "output without end from below Python fills memory and reports",
        10.0,
        extra="import os\nfor _ in range(2000):\n    os.write(1, b'x' * 65536)\n    os.write(2, b'y' * 65536)\n",
    ),
)
