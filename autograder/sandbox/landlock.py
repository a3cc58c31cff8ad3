"""Landlock: which files the student process may touch, whatever mounts and permissions say.

The `landlock` package on PyPI knows only the first version of the interface (no truncate, no network, no signals), so the three
calls are made here.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from autograder.sandbox import system

_EXECUTE, _WRITE, _READ, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights on files that a version of the interface knows; versions between add none."""
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL_DEV
_NET = 0b11
_SCOPES = 0b11

_READING = _EXECUTE | _READ | _READ_DIR
# Nothing may be executed from a folder the student can write: an executable without read permission would make its
# process undumpable, and so hide it from an unprivileged watchdog. Shared objects still load.
_WRITING = ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)
_DEVICE = _READ | _WRITE | _IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("handled_access_fs", "handled_access_net", "scoped")]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def version() -> int:
    """The version of Landlock's interface in this kernel, at least 1.

    Raises:
        OSError: ENOSYS, the kernel was built without; EOPNOTSUPP, it is not switched on at boot.
    """
    return system.call("landlock_create_ruleset", None, 0, 1)


def scopes_signals(abi: int) -> bool:
    """Whether this version keeps signals and abstract sockets inside."""
    return abi >= 6


def restrict(*, read: Iterable[str], write: Iterable[str], devices: Iterable[str]) -> None:
    """Leave this process, and all it starts, only these paths; `no_new_privs` must stand. There is no way back.

    Args:
        read: may be read and executed, with all below.
        write: may be read and written, with all below, but not executed.
        devices: may be read, written and given device commands.
    Paths that do not exist are passed over: a rule only ever allows.

    Raises:
        OSError: Landlock is missing or refused.
    """
    abi = version()
    handled = _RIGHTS[max(known for known in _RIGHTS if known <= abi)]
    attr = _Ruleset(handled, _NET if abi >= 4 else 0, _SCOPES if scopes_signals(abi) else 0)
    ruleset = system.call("landlock_create_ruleset", ctypes.byref(attr), ctypes.sizeof(attr), 0)
    try:
        for paths, rights in ((read, _READING), (write, _WRITING), (devices, _DEVICE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        system.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        rule = _PathBeneath(rights, descriptor)
        system.call("landlock_add_rule", ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
