"""What a walled process may do, decided by the trusted side before anything is forked."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from autograder.course import Limits

WALLS = (
    "descriptors",
    "environment",
    "user_namespace",
    "pid_namespace",
    "mount_namespace",
    "net_namespace",
    "ipc_namespace",
    "uts_namespace",
    "minimal_root",
    "uid",
    "capabilities",
    "rlimits",
    "no_new_privs",
    "landlock",
    "seccomp",
)
"""Every wall, in the order in which they go up."""

MANDATORY = frozenset({"descriptors", "environment", "capabilities", "rlimits", "no_new_privs", "landlock", "seccomp"})
"""Without one of these nothing is run. `uid` joins them when the trusted side is root."""

_ETC = (
    *("alternatives", "fonts", "group", "host.conf", "hosts", "ld.so.cache", "localtime", "mime.types"),
    *("nsswitch.conf", "os-release", "passwd", "protocols", "services", "ssl/certs", "timezone"),
)
_KEPT = ("KERAS_BACKEND", "TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL", "XLA_FLAGS")
"""How the warm parent was told to compute; the backends read some of these only at their first operation, in the child."""
_DEV = ("null", "zero", "full", "random", "urandom")
_SYS = ("/sys/devices/system/cpu", "/sys/devices/system/node")


@dataclass(frozen=True)
class Plan:
    """Pure data; the same plan raises the same walls on the same machine. Sizes are bytes."""

    work: str
    """The child's own folder, which exists and is absolute: HOME, TMPDIR and working directory; the only one it may write."""
    read: tuple[str, ...]
    """Folders and files that student code may read and execute; those that do not exist are passed over."""
    memory: int = Limits.memory
    """Memory of everything the submission starts, not counting what it shares with the warm parent."""
    processes: int = Limits.processes
    """Processes and threads at the same time."""
    file_size: int = Limits.file_size
    """The largest single file."""
    disk: int = 4 * Limits.file_size
    """Everything below `work` together, and files that were deleted while open."""
    files: int = 1024
    """Open descriptors of one process."""
    uid: int | None = None
    """The unprivileged uid (and gid) to become when root; `None` for one that no other child has (`spare_uid`)."""
    devices: tuple[str, ...] = ()
    """Device nodes that student code may use, for instance those of a GPU."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """How to compute on those devices: environment variables, which student code can read."""
    device_memory: int = 0
    """Memory on the card for arrays; without devices it means nothing."""
    threads: int = Limits.threads
    """Threads of BLAS, OpenMP and XLA."""
    required: frozenset[str] = frozenset()
    """Walls that must stand beyond the mandatory ones; otherwise a missing one is reported and lived without."""
    sandbox: bool = True
    """False for `--no-sandbox`: limits and supervision only, and no wall is claimed."""

    def __post_init__(self) -> None:
        if not os.path.isabs(self.work) or os.path.normpath(self.work) in ("/", "//"):
            raise ValueError(f"the work folder must be an absolute path below the root, not {self.work!r}")
        if unknown := self.required - set(WALLS):
            raise ValueError(f"no wall is called {min(unknown)!r}; there are {', '.join(WALLS)}")

    @classmethod
    def within(cls, limits: Limits, work: str, read: Iterable[str], **more: Any) -> Plan:
        """The plan that holds a submission to the course's limits."""
        return cls(
            work=work,
            read=tuple(read),
            memory=limits.memory,
            processes=limits.processes,
            file_size=limits.file_size,
            disk=4 * limits.file_size,
            threads=limits.threads,
            **more,
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "required": sorted(self.required)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """The inverse of `to_json`; unknown keys are an error."""
        names = {each.name for each in fields(cls)}
        if unknown := set(data) - names:
            raise ValueError(f"a plan has no {min(unknown)!r}")
        lists = {"read": tuple, "devices": tuple, "required": frozenset}
        return cls(**{key: lists.get(key, lambda value: value)(value) for key, value in data.items()})

    @property
    def tmp(self) -> str:
        """The folder for temporary files; also seen as /tmp where the minimal root stands."""
        return os.path.join(self.work, "tmp")


def libraries() -> tuple[str, ...]:
    """What this interpreter needs to read in order to run: its installation, its packages, the system's libraries.

    Not the folder of the course, and not an editable checkout: what student code imports later must be installed or loaded already.
    """
    found = {
        sys.prefix,
        sys.exec_prefix,
        sys.base_prefix,
        sys.base_exec_prefix,
        "/usr",
        "/bin",
        "/lib",
        "/lib64",
        "/sbin",
    }
    found |= {path for key in ("stdlib", "platstdlib", "purelib", "platlib") if (path := sysconfig.get_path(key))}
    found.add(os.path.dirname(os.path.realpath(sys.executable)))
    return outermost(found | {os.path.realpath(path) for path in found})


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """The existing ones among `paths`, without those that lie inside another."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths}):
        if os.path.exists(path) and not any(path == above or path.startswith(above + "/") for above in kept):
            kept.append(path)
    return tuple(kept)


def system_files() -> tuple[str, ...]:
    """Single files and folders of the system that any program expects to read."""
    return tuple(path for path in (*(f"/etc/{name}" for name in _ETC), *_SYS) if os.path.exists(path))


def system_devices() -> tuple[str, ...]:
    """Device nodes that any program expects."""
    return tuple(path for path in (f"/dev/{name}" for name in _DEV) if os.path.exists(path))


def environment(plan: Plan, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of student code: an allow-list, which of the surroundings takes only how to compute (`KERAS_BACKEND`…).

    Args:
        extra: added last. Whatever is here, student code can read.
    """
    threads = str(plan.threads)
    return {
        "HOME": plan.work,
        "TMPDIR": plan.tmp,
        "XDG_CACHE_HOME": os.path.join(plan.work, ".cache"),
        "XDG_CONFIG_HOME": os.path.join(plan.work, ".config"),
        "KERAS_HOME": os.path.join(plan.work, ".keras"),
        "MPLCONFIGDIR": os.path.join(plan.work, ".matplotlib"),
        "MPLBACKEND": "agg",
        "IPYTHONDIR": os.path.join(plan.work, ".ipython"),
        "JUPYTER_CONFIG_DIR": os.path.join(plan.work, ".jupyter"),
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join((os.path.join(sys.prefix, "bin"), "/usr/local/bin", "/usr/bin", "/bin")),
        "PYTHONNOUSERSITE": "1",
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "NUMEXPR_MAX_THREADS": threads,
        "NPROC": threads,  # XLA's pools
        # Without a plan for a card no library shall look for one.
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        **plan.variables,
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **(extra or {}),
    }


def spare_uid(pid: int) -> int:
    """A uid that nobody on this machine has, different for each `pid`.

    In a container only some uids exist; where the usual range does not, one among the ordinary ones is taken.

    Raises:
        OSError: this user namespace holds no uid beside root's.
    """
    with open("/proc/self/uid_map") as file:
        ranges = [tuple(map(int, line.split())) for line in file]
    for candidate in (3_000_000 + pid, 20_000 + pid % 40_000, 65_534):
        if any(first <= candidate < first + count for first, _, count in ranges):
            return candidate
    raise OSError("this container maps no user but root, so student code would run as root")
