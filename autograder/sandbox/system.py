"""The Linux calls that Python does not offer, through ctypes, each raising `OSError` as the `os` module would.

Numbers and structures are fixed by the kernel's user interface and differ only between processors; `SYSCALLS` holds x86_64
and aarch64.
Nothing here decides anything: see `seccomp`, `landlock`, `root` and `privileges`.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterable
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

MACHINE = platform.machine()
"""`x86_64` and `aarch64` are known; elsewhere no wall can be raised and `number` says so."""

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEW = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_MM = 35
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39

ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
"""MOUNT_ATTR_*, for `mount_attributes` and `mount_detached`."""

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_O_CLOEXEC = 0o2000000
_MOVE_MOUNT_F_EMPTY_PATH = 4
_FSCONFIG_SET_STRING, _FSCONFIG_CMD_CREATE = 1, 6
_MS_REC, _MS_PRIVATE = 0x4000, 1 << 18
_MNT_DETACH = 2

SYSCALLS: dict[str, tuple[int | None, int | None]] = {
    # name: (x86_64, aarch64); None where that processor never had the call
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "afs_syscall": (183, None),
    "bpf": (321, 280),
    "capget": (125, 90),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close_range": (436, 436),
    "connect": (42, 203),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "get_kernel_syms": (177, None),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "listmount": (458, 458),
    "lookup_dcookie": (212, 18),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "query_module": (178, None),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "seccomp": (317, 277),
    "semget": (64, 190),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "statmount": (457, 457),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    "vserver": (236, None),
}
NEWEST = 469
"""The highest system call this table was checked against (Linux 6.17); newer ones are unknown and refused inside the walls."""


def number(name: str) -> int | None:
    """The number of a system call on this processor, `None` where it does not exist.

    Raises:
        OSError: the processor is neither x86_64 nor aarch64.
    """
    if MACHINE not in ("x86_64", "aarch64"):
        raise OSError(f"the walls are written for x86_64 and aarch64, and this machine is {MACHINE}")
    return SYSCALLS[name][0 if MACHINE == "x86_64" else 1]


def call(name: str, *arguments: Any) -> int:
    """Make the system call `name`; integers, bytes, `None` and ctypes objects pass as they are."""
    found = number(name)
    assert found is not None, name
    # ctypes would pass a bare int as 32 bits, and the upper half of a 64-bit register would hold whatever was there.
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    wide += [ctypes.c_long(0)] * (6 - len(wide))
    result = int(_libc.syscall(ctypes.c_long(found), *wide))
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return result


def prctl(option: int, value: int = 0) -> int:
    """prctl(2) with one argument."""
    return call("prctl", option, value, 0, 0, 0)


def unshare(flags: int) -> None:
    """unshare(2)."""
    call("unshare", flags)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor that is not in `keep`, whatever their number."""
    start = 0
    for descriptor in sorted(set(keep)):
        if descriptor > start:
            call("close_range", start, descriptor - 1, 0)
        start = descriptor + 1
    call("close_range", start, 0xFFFFFFFF, 0)


class _MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


def mount_private() -> None:
    """Cut this mount namespace off from mounts and unmounts elsewhere."""
    call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)


def mount_detached(kind: str, attributes: int, **options: str) -> int:
    """A new file system of type `kind` as a descriptor, attached nowhere yet (fsopen, fsconfig, fsmount)."""
    context = call("fsopen", kind.encode(), 1)
    try:
        for key, value in options.items():
            call("fsconfig", context, _FSCONFIG_SET_STRING, key.encode(), value.encode(), 0)
        call("fsconfig", context, _FSCONFIG_CMD_CREATE, None, None, 0)
        return call("fsmount", context, 1, attributes)
    finally:
        os.close(context)


def mount_clone(path: str, attributes: int) -> int:
    """A copy of what is mounted at `path`, with all below it, attached nowhere yet and with `attributes` added."""
    # Recursive, since a user namespace may not take a mount from under those that were mounted over it.
    tree = call("open_tree", _AT_FDCWD, os.fsencode(path), _OPEN_TREE_CLONE | _O_CLOEXEC | _AT_RECURSIVE)
    try:
        attr = _MountAttr(attr_set=attributes)
        call("mount_setattr", tree, b"", _AT_EMPTY_PATH | _AT_RECURSIVE, ctypes.byref(attr), ctypes.sizeof(attr))
    except OSError:
        os.close(tree)
        raise
    return tree


def mount_attach(tree: int, target: str) -> None:
    """Attach a detached mount at `target` and close its descriptor."""
    try:
        call("move_mount", tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH)
    finally:
        os.close(tree)


def mount_read_only(path: str) -> None:
    """Make the one mount at `path` read-only."""
    attr = _MountAttr(attr_set=ATTR_RDONLY)
    call("mount_setattr", _AT_FDCWD, os.fsencode(path), 0, ctypes.byref(attr), ctypes.sizeof(attr))


def pivot_here() -> None:
    """Make the working directory, which must be a mount point, the root, and let go of the old root."""
    # The old root lands on top of the new one, at the same place, so no folder for it is needed.
    call("pivot_root", b".", b".")
    call("umount2", b".", _MNT_DETACH)
    os.chdir("/")


def umount(path: str) -> None:
    """Detach what is mounted at `path`."""
    call("umount2", os.fsencode(path), _MNT_DETACH)


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def drop_bounding_set() -> None:
    """Let no program executed later gain a capability; needs CAP_SETPCAP, so it comes before the change of user."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            # EINVAL: past the last one. EPERM: a container took CAP_SETPCAP; under no_new_privs the set grants nothing anyway.
            break


def drop_capabilities() -> None:
    """Empty the capability sets of this process.

    Raises:
        OSError: the kernel kept some.
    """
    header = _CapHeader(0x20080522, 0)
    call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    left = (ctypes.c_uint32 * 6)()
    call("capget", ctypes.byref(header), ctypes.byref(left))
    if any(left):
        raise OSError("the kernel kept some capabilities")


def scrub_environment_block() -> None:
    """Blank the block that /proc/self/environ shows.

    A forked child keeps the block of the program that was started, whatever `os.environ` says later. Call after
    `os.environ` was rebuilt, since the C library's table points into the block until then.
    """
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
