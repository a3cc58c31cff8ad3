"""Sets up everything in `.venv` and runs a command there: `python3 run.py demo`, `python3 run.py test`, `python3 run.py grade …`.

Needs Python 3.11 to 3.13 and pip, nothing else. Only the standard library is used here, because nothing else is there yet.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed"
TEST = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["autograder", "build", "--check"],
    ["pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"],
]
"""What `test` runs: style, types, freshness of the generated notebooks, then the tests themselves."""


def main() -> NoReturn:
    """Set up if needed, then become the command."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"Python 3.11, 3.12 or 3.13 is needed; this is {sys.version.split()[0]}: run python3.12 run.py …")
    set_up()
    if sys.argv[1:2] == ["test"]:
        # Whoever is started in the background is deaf to Ctrl-C and hands that on; some tests send it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # The engine and its tests need no cache of bytecode beside files that students may be given.
        for command in TEST:
            arguments = sys.argv[2:] if command[0] == "pytest" else []
            code = subprocess.call([str(VENV / "bin" / command[0]), *command[1:], *arguments], cwd=ROOT)
            if code:
                sys.exit(code)
        sys.exit(0)
    autograder = str(VENV / "bin" / "autograder")
    os.execv(autograder, [autograder, *(sys.argv[1:] or ["--help"])])


def set_up() -> None:
    """Install the locked packages and this one, unless that has been done for this lock file."""
    wanted = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists():
        return
    print("Setting up .venv (a few minutes, once) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        # Without pip: Debian keeps `ensurepip` in a package of its own, and the pip that is here can serve the new one.
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", "-r", str(LOCK)])
    _run([*pip, "install", "--quiet", "--no-deps", "-e", str(ROOT)])
    STAMP.write_text(wanted)


def _run(command: list[str]) -> None:
    if code := subprocess.call(command):
        sys.exit(
            f"Setting up stopped (exit code {code}); the lines above say why. Run the same command again afterwards."
        )


if __name__ == "__main__":
    main()
