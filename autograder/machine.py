"""How much of this machine a class may use: cores and memory, as far as a container or a batch system leaves them to us.

loky knows of a container's cores and distributed of its memory, but grading needs neither package.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TYPICAL = 1 << 30
"""Bytes of one submission with its examiner; the heaviest of this course's assignments takes 0.84 GiB."""


@dataclass(frozen=True)
class ControlGroups:
    """The control groups (of either version) that this process is in."""

    root: Path = Path("/sys/fs/cgroup")
    own: Path = Path("/proc/self/cgroup")

    def values(self, controller: str, *names: str) -> Iterator[list[int]]:
        """The numbers in the files `names` of each group from our own upwards; groups without such a number are left out."""
        for folder in self._folders(controller):
            with suppress(OSError, ValueError):
                yield [int(word) for name in names for word in (folder / name).read_text().split()]

    def killed(self) -> int:
        """Processes that the kernel ended because our nearest control group with such a count was out of memory; 0 without one."""
        for folder in self._folders("memory"):
            for name in ("memory.events", "memory.oom_control"):
                with suppress(OSError, ValueError):
                    counts = dict(line.split() for line in (folder / name).read_text().splitlines())
                    if "oom_kill" in counts:
                        return int(counts["oom_kill"])
        return 0

    def _folders(self, controller: str) -> Iterator[Path]:
        lines: list[str] = []
        with suppress(OSError):
            lines = self.own.read_text().splitlines()
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            top = self.root / controllers if controllers else self.root
            here = top / path.strip("/")
            # In a container the path may be the host's; the top is then our own group.
            yield from (folder for folder in (here, *here.parents) if folder.is_relative_to(top))


def default_jobs(limit: int, groups: ControlGroups = ControlGroups()) -> int:
    """Submissions to grade at the same time: one per core, fewer where memory would not do, at least one.

    Memory does if one submission takes all that it may and the others what is usual. All of them at their limit at once would be
    an attack, which costs the attackers alone: the kernel ends student processes first.

    Args:
        limit: bytes that one submission may take.
    """
    return max(1, min(cores(groups), 1 + (available_memory(groups) - limit) // _TYPICAL))


def cores(groups: ControlGroups = ControlGroups()) -> int:
    """Cores that this process may use, by its affinity and by the quotas of its control groups, rounded up."""
    found = [len(os.sched_getaffinity(0))]
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        found += [max(1, -(-quota // period)) for quota, period in groups.values("cpu", *names) if quota > 0]
    return min(found)


def collect_rarely() -> None:
    """For a process that imports a lot, makes few cycles and ends soon: looking for garbage as often as Python does is wasted.

    It takes 0.3 s of grading a class, most of it while nbgrader and jupytext are imported.
    """
    gc.set_threshold(50_000, 20, 100)


def available_memory(groups: ControlGroups = ControlGroups()) -> int:
    """Bytes that new processes can take without swapping, by the kernel's estimate and the limits of our control groups.

    Of a group's usage, files that the kernel keeps in memory for later count as used, so this is the least that there is.
    """
    lines = Path("/proc/meminfo").read_text().splitlines()
    found = [next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))]
    for names in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        found += [max(0, limit - used) for limit, used in groups.values("memory", *names)]
    return min(found)
