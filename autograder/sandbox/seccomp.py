"""The system-call filter of the student process, as classic BPF built by hand.

pyseccomp would read better, but it needs libseccomp.so, which pip cannot bring, and a grading machine should need no apt step.
A deny-list, since TensorFlow, XLA and BLAS use a wide and moving set of calls; what makes it close is that calls newer than the
table are refused as unknown. Refusals are errors, never kills: a library that probes for a call falls back, and a student reads
`PermissionError`. Only a foreign calling convention (x32, 32-bit) kills, because there the numbers mean something else.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from collections.abc import Iterator

from autograder.sandbox import system

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENT = 0, 4, 16

FORBIDDEN = (
    # other processes' memory and descriptors
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp"),
    *("move_pages", "migrate_pages"),
    # mounts, namespaces, handles past path checks
    *("mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree"),
    *("open_tree_attr", "move_mount", "mount_setattr", "statmount", "listmount", "unshare", "setns"),
    *("open_by_handle_at", "name_to_handle_at", "quotactl", "quotactl_fd", "fanotify_init", "lookup_dcookie"),
    # wide kernel surface with a long history of holes
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("add_key", "request_key", "keyctl"),
    # the machine itself
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "query_module"),
    *("get_kernel_syms", "reboot", "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_adjtime"),
    *("adjtimex", "sethostname", "setdomainname", "syslog", "vhangup", "iopl", "ioperm", "modify_ldt", "uselib"),
    *("nfsservctl", "vserver", "afs_syscall"),
)
"""Refused with EPERM."""

UNKNOWN = ("clone3", "memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open")
"""Refused with ENOSYS, so that libraries take their other way.

`clone3` passes its flags by pointer, where a filter cannot read them; glibc then uses `clone`. The others hold memory that belongs
to no process, so the watchdog would not see it."""

SIGNALS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Calls that signal the process in their first argument."""

CONTROL = ("prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity")
"""Calls that let one process of a user limit or slow another, named in their first argument (0: the caller)."""


def program(*, alone: bool, scoped: bool, own_root: bool, pid: int) -> bytes:
    """The filter.

    Args:
        alone: other processes are out of reach by pid namespace or by uid. When false, calls on processes may name `pid` only,
            so that student code cannot, say, set the grader's limits.
        scoped: signals do not leave this process and its descendants, for that reason or by Landlock. When false, `pid` can
            signal only itself and its process group.
        own_root: the file system holds nothing but what was put there. When false, unix sockets of others may be within reach,
            which Landlock cannot forbid before Linux 7, so nothing may connect.
    """
    lines: list[tuple[int, int, int, int]] = []

    def add(code: int, k: int, yes: int = 0, no: int = 0) -> None:
        lines.append((code, yes, no, k))

    def refuse(code: int) -> None:
        add(_RETURN, _ERRNO | code)

    def block(name: str, body: list[tuple[int, int, int, int]]) -> None:
        found = system.number(name)
        if found is not None:
            add(_EQUAL, found, 0, len(body))
            lines.extend(body)

    eperm = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    kill = (_RETURN, 0, 0, _KILL)

    add(_LOAD, _ARCH)
    add(_EQUAL, _AUDIT[system.MACHINE], 1, 0)
    lines.append(kill)
    add(_LOAD, _NUMBER)
    add(_AT_LEAST, _X32, 0, 1)
    lines.append(kill)
    add(_GREATER, system.NEWEST, 0, 1)
    refuse(errno.ENOSYS)
    for name in FORBIDDEN:
        block(name, [eperm])
    for name in UNKNOWN:
        block(name, [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)])
    block("clone", [_load(0), (_ANY_BIT, 0, 1, system.CLONE_NEW), eperm, allow])
    stream_only = [] if own_root else [_load(1), (_ANY_BIT, 1, 0, 1), eperm]  # SOCK_STREAM and SOCK_SEQPACKET are odd
    family = [_load(0), (_EQUAL, 1, 0, socket.AF_UNIX), eperm]
    block("socket", [*family, *stream_only, allow])
    block("socketpair", [*family, allow])
    # A terminal that was inherited could be typed into.
    block("ioctl", [_load(1), (_EQUAL, 1, 0, 0x5412), (_EQUAL, 0, 1, 0x541C), eperm, allow])
    # Undumpable processes hide from an unprivileged watchdog; PR_SET_MM would rewrite what /proc shows of the process.
    block("prctl", [_load(0), (_EQUAL, 1, 0, system.PR_SET_DUMPABLE), (_EQUAL, 0, 1, system.PR_SET_MM), eperm, allow])
    block("personality", [_load(0), (_EQUAL, 1, 0, 0xFFFFFFFF), eperm, allow])
    if not own_root:
        block("connect", [eperm])
    own_only = [_load(0), (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid), eperm, allow]
    for name in (*(() if alone else CONTROL), *(() if scoped else SIGNALS)):
        block(name, own_only)
    for name in (
        *(() if alone else ("setpriority", "ioprio_set")),
        *(() if scoped else ("tkill", "pidfd_send_signal")),
    ):
        block(name, [eperm])
    lines.append(allow)
    return b"".join(_encode(lines))


def install(code: bytes) -> None:
    """Put the filter over this process and all it starts; `no_new_privs` must stand. There is no way back.

    Raises:
        OSError: the kernel has no seccomp filters, or refuses this one.
    """

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    system.call("seccomp", 1, 0, ctypes.byref(Program(len(code) // 8, code)))


def _load(argument: int) -> tuple[int, int, int, int]:
    # The low half only: these arguments are ints to the kernel, which drops the upper half, so a check of all
    # 64 bits would be passed by junk above a forbidden value.
    return (_LOAD, 0, 0, _ARGUMENT + 8 * argument)


def _encode(lines: list[tuple[int, int, int, int]]) -> Iterator[bytes]:
    assert sys.byteorder == "little"
    for code, yes, no, k in lines:
        yield code.to_bytes(2, "little") + bytes((yes, no)) + k.to_bytes(4, "little")
