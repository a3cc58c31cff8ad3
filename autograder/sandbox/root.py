"""The minimal root: a file system in which nothing exists but what the plan names.

Built as bubblewrap does it, with the mount calls of Linux 5.12, which every kernel with Landlock has. The tempting shorter way, to
cover single folders of the real root, forgets one.
"""

from __future__ import annotations

import os
import stat

from autograder.sandbox import system
from autograder.sandbox.plan import Plan, outermost, system_devices, system_files

_SAFE = system.ATTR_NOSUID | system.ATTR_NODEV
_READ_ONLY = _SAFE | system.ATTR_RDONLY
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_OWN_FILES = ("/etc/passwd", "/etc/group")
_PROC_FILES = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat")


def fresh_proc(*, hide: bool) -> int:
    """A /proc that shows the processes of this pid namespace only, as a descriptor, attached nowhere yet.

    Args:
        hide: read-only, and processes of other users do not show.
    """
    attributes = _SAFE | system.ATTR_NOEXEC | (system.ATTR_RDONLY if hide else 0)
    return system.mount_detached("proc", attributes, **({"hidepid": "invisible"} if hide else {}))


def list_proc() -> int:
    """A /proc for the watchdog, that can be listed, as the descriptor of its top folder; it is attached nowhere."""
    mount = fresh_proc(hide=False)
    try:
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=mount)  # the mount's own descriptor cannot be listed
    finally:
        os.close(mount)


def build(plan: Plan, uid: int, *, own_pids: bool) -> None:
    """Make the minimal root this process's root; needs its own mount namespace, already private.

    Afterwards the working directory is `/`. On failure the old root is still in place and complete.

    Args:
        uid: whom the work folder belongs to, for /etc/passwd.
        own_pids: this process is in a pid namespace of its own, so a fresh /proc shows nobody else.

    Raises:
        OSError: some step was refused.
    """
    # Copies of all mounts are taken first, since the new root is built on top of the work folder and covers it.
    mounts: list[tuple[str, int]] = []
    covered = False
    try:
        binds = outermost((*plan.read, *system_files()))
        for path in binds:
            if path not in _OWN_FILES and not _is_root_link(path):
                mounts.append((path, system.mount_clone(path, _READ_ONLY)))
        for path in outermost((*plan.devices, *system_devices())):
            mounts.append((path, system.mount_clone(path, system.ATTR_NOSUID | system.ATTR_NOEXEC)))
        mounts.append(("/dev/shm", _memory(plan)))
        mounts += _proc(own_pids)
        # What lies below /tmp needs a place to be attached to, which must not appear in the student's own folder.
        below = any(path.startswith("/tmp/") for path in (plan.work, *binds))
        mounts.append(("/tmp", _memory(plan) if below else system.mount_clone(plan.tmp, _SAFE)))
        mounts.append((plan.work, system.mount_clone(plan.work, _SAFE)))
        # From the outside in, or a mount would cover what was attached below it.
        mounts.sort(key=lambda mount: mount[0].count("/"))
        root = system.mount_detached("tmpfs", _SAFE, size="4m", nr_inodes="4096", mode="0755")
        system.mount_attach(root, plan.work)
        covered = True
        os.chdir(plan.work)
        _furnish(uid)
        while mounts:
            path, tree = mounts.pop(0)
            _place("." + path, tree)
            system.mount_attach(tree, "." + path)
        system.pivot_here()
    except OSError:
        for _, tree in mounts:
            os.close(tree)
        os.chdir("/")
        if covered:
            system.umount(plan.work)
        raise
    system.mount_read_only("/")


def _memory(plan: Plan) -> int:
    return system.mount_detached("tmpfs", _SAFE, size=str(plan.file_size), nr_inodes="4096", mode="1777")


def _proc(own_pids: bool) -> list[tuple[str, int]]:
    if own_pids:
        try:
            return [("/proc", fresh_proc(hide=True))]
        except OSError:
            pass  # in a container whose /proc has parts covered, the kernel refuses an uncovered one
    return [(path, system.mount_clone(path, _READ_ONLY)) for path in _PROC_FILES]


def _is_root_link(path: str) -> bool:
    return path.strip("/") in _LINKS and os.path.islink(path)


def _furnish(uid: int) -> None:
    for name in _LINKS:
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), name)
    for folder in ("etc", "dev/shm", "proc", "tmp", "run", "var/tmp"):
        os.makedirs(folder)
    for name in ("fd", "stdin", "stdout", "stderr"):
        number = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}[name]
        os.symlink(f"/proc/self/fd{number}", f"dev/{name}")
    # The machine's own user names are nobody's business; a student still expects `pwd.getpwuid(os.getuid())` to work.
    for path, text in (
        ("etc/passwd", f"root:x:0:0::/:/bin/false\nstudent:x:{uid}:{uid}::/tmp:/bin/sh\n"),
        ("etc/group", f"root:x:0:\nstudent:x:{uid}:\n"),
    ):
        with open(path, "w") as file:
            file.write(text)


def _place(target: str, tree: int) -> None:
    if os.path.exists(target):
        return
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        os.makedirs(target)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "x"):
        pass
