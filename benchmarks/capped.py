"""Runs commands that run hostile code, so that nothing but what is to be measured comes to harm.

`Box.run` gives them a machine of their own to look at: an ordinary user's id, process, network and mount namespaces, a
/tmp that is thrown away, empty /root, /home, /srv, /opt and /var/tmp, and limits. It needs root.

The caps are the benchmark's, not the graders': where a cap alone stopped a case, the table says so. Inside, the grader
and the notebook that it runs share a user, as on an instructor's machine, and own the class's folder, so that what the
grader itself forbids, and nothing else, is what is seen.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLASS = Path("/tmp/class")
"""Where the files of a box lie while it is open."""
MEMORY = 3 << 30
PROCESSES = 160
FILE = 64 << 20
DISK = "512m"
_HIDDEN = ("/root", "/home", "/srv", "/opt", "/var/tmp", "/tmp")
_NAMESPACES = ("--mount", "--pid", "--fork", "--net", "--ipc", "--mount-proc", "--kill-child", "--propagation=private")


@dataclass(frozen=True)
class Left:
    """What commands left behind."""

    status: int | None
    """Exit status of the first; `None` when the wall clock ended it."""
    said: str
    """The end of what it printed."""
    processes: tuple[str, ...]
    """Command lines still running a moment after it had ended."""
    files: Mapping[str, bytes]
    """Those asked for that were there and were regular files."""
    names: tuple[str, ...]
    """What lies in the folder that was watched."""


class Box:
    """A place for one run at a time; several may run side by side under different users."""

    def __init__(self, user: int) -> None:
        """`user`: a numeric id that nobody else on the machine has."""
        if os.geteuid() != 0:
            raise PermissionError("the peers are run in namespaces of their own, which takes root")
        self._user = user

    def run(
        self,
        files: Path,
        commands: Sequence[Sequence[str]],
        seconds: float,
        variables: Mapping[str, str],
        wanted: Sequence[str] = (),
        watched: str = "spot",
    ) -> Left:
        """Run `commands` one after the other in a copy of `files`.

        Args:
            files: becomes `CLASS`, owned by the box's user; the working folder is its `course`.
            seconds: wall clock for all commands together.
            variables: the whole environment, beside HOME and TMPDIR.
            wanted: paths of files to bring back, below `CLASS`.
            watched: folder below `CLASS` whose names are brought back.
        """
        with tempfile.TemporaryDirectory(prefix="box-") as name:
            room = Path(name)
            room.joinpath("plan.json").write_text(
                json.dumps(
                    {
                        "files": str(files),
                        "commands": [list(command) for command in commands],
                        "seconds": seconds,
                        "variables": dict(variables),
                        "wanted": list(wanted),
                        "watched": watched,
                        "user": self._user,
                        "python": sorted({sys.prefix, sys.base_prefix}),
                    }
                )
            )
            subprocess.run(
                ["unshare", *_NAMESPACES, sys.executable, "-I", __file__, name],
                stdin=subprocess.DEVNULL,
                check=True,
                timeout=seconds + 60,
            )
            end = json.loads(room.joinpath("end.json").read_text())
            back = {path: room / "back" / str(number) for number, path in enumerate(wanted)}
            return Left(
                end["status"],
                room.joinpath("said").read_bytes()[-20_000:].decode(errors="replace"),
                tuple(end["processes"]),
                {path: file.read_bytes() for path, file in back.items() if file.exists()},
                tuple(end["names"]),
            )


def _inside(room: Path) -> None:
    """As root in the new namespaces, and first of its processes: with its end everything else ends."""
    plan = json.loads(room.joinpath("plan.json").read_text())
    room = _hide([room, Path(plan["files"]), *map(Path, plan["python"])], plan["python"])
    files, user = room.parent / "1", plan["user"]
    shutil.copytree(files, CLASS, symlinks=True)
    for folder, _, names in os.walk(CLASS):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chown(path, user, user, follow_symlinks=False)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    status = None
    deadline = time.monotonic() + plan["seconds"]
    environment = {**plan["variables"], "HOME": str(CLASS / "home"), "TMPDIR": "/tmp"}
    with open(room / "said", "wb") as said:
        for number, command in enumerate(plan["commands"]):
            started = subprocess.Popen(
                command,
                cwd=CLASS / "course",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=lambda: _confine(user),
            )
            try:
                code = started.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                break
            status = code if number == 0 else status
    time.sleep(0.3)
    (room / "back").mkdir()
    for number, path in enumerate(plan["wanted"]):
        _bring(CLASS / path, room / "back" / str(number))
    end: dict[str, Any] = {"status": status, "processes": _running(), "names": []}
    if (CLASS / plan["watched"]).is_dir():
        end["names"] = os.listdir(CLASS / plan["watched"])
    room.joinpath("end.json").write_text(json.dumps(end))


def _hide(kept: list[Path], python: list[str]) -> Path:
    """Empty folders where cases look around; Python stays where it is. Returns where `kept[0]` is found now."""
    stage = Path("/mnt")
    _mount("-t", "tmpfs", "-o", "size=1m,mode=700", "none", str(stage))
    for number, path in enumerate(kept):
        (stage / str(number)).mkdir()
        _mount("--rbind", str(path), str(stage / str(number)))
    for top in _HIDDEN:
        mode, size = ("1777", DISK) if top == "/tmp" else ("755", "1m")
        if os.path.isdir(top):
            _mount("-t", "tmpfs", "-o", f"size={size},mode={mode}", "none", top)
    for number, path in enumerate(python, start=2):
        if path.startswith(tuple(f"{top}/" for top in _HIDDEN)):
            os.makedirs(path)
            _mount("--rbind", str(stage / str(number)), path)
    return stage / "0"


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _confine(user: int) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _bring(path: Path, to: Path) -> None:
    """Copy what may have been left by hostile code: never through a link, never from a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    with os.fdopen(descriptor, "rb") as file:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            to.write_bytes(file.read(FILE))


def _running() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace")[:500])
        except OSError:
            continue
    return found


if __name__ == "__main__":
    _inside(Path(sys.argv[1]))
