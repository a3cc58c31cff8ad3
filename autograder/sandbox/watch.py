"""What the processes of one submission use, seen from outside their walls."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.sandbox.plan import Plan

_PAGE = os.sysconf("SC_PAGE_SIZE")
_ENTRIES = 100_000
"""More files and folders than this count as a full disk: they fill the table of inodes instead."""


@dataclass(frozen=True)
class Usage:
    """One look at all processes."""

    pids: tuple[int, ...]
    """As numbered in the /proc that was looked at."""
    threads: int
    resident: int
    """Sum of resident sizes; memory that processes share is counted once for each."""


class Processes:
    """Finds the processes of one submission in a /proc."""

    def __init__(self, proc: int, root: int | None) -> None:
        """
        Args:
            proc: descriptor of a /proc: that of the pid namespace, or the machine's.
            root: the process whose descendants count; `None` when all but process 1 do, as in an own pid namespace.
        """
        self.proc = proc
        self.root = root

    def look(self) -> Usage:
        """The processes of this moment; those that end meanwhile are left out."""
        found = dict(self._all())
        if self.root is not None:
            found = _descendants(found, self.root)
        threads = sum(entry[1] for entry in found.values())
        return Usage(tuple(found), threads, sum(entry[2] for entry in found.values()))

    def proportional(self, pids: tuple[int, ...]) -> int:
        """Memory that these processes hold, what several share divided among them; files of the system not counted.

        Costs milliseconds for a large process. A process that cannot be read is charged with all that is resident.
        """
        total = 0
        for pid in pids:
            text = self._read(pid, "smaps_rollup")
            if text is None:
                total += self._resident(pid)
                continue
            for line in text.splitlines():
                if line.startswith((b"Pss_Anon:", b"Pss_Shmem:")):
                    total += int(line.split()[1]) << 10
        return total

    def inherited(self, pid: int) -> tuple[int, int]:
        """Resident bytes of a process that was just forked, and its share of them by `proportional`, which is not its doing.

        The share is reckoned, since measuring it takes longer than all walls together: what is anonymous belongs to the warm
        parent, the supervisor and this process alike. Other children of the same parent that are running only make it less.
        """
        anonymous = 0
        for line in (self._read(pid, "status") or b"").splitlines():
            if line.startswith((b"RssAnon:", b"RssShmem:")):
                anonymous += int(line.split()[1]) << 10
        return self._resident(pid), anonymous // 3

    def deleted(self, pids: tuple[int, ...], device: int) -> int:
        """Bytes on `device` in files that have no name any more, but are held open or mapped by these processes."""
        sizes: dict[int, int] = {}
        for pid in pids:
            for found in self._open_files(pid):
                if found.st_dev == device and not found.st_nlink and stat.S_ISREG(found.st_mode):
                    sizes[found.st_ino] = found.st_blocks * 512
            # Open, map, delete and close: the blocks stay, and only the map knows.
            for line in (self._read(pid, "maps") or b"").splitlines():
                if line.endswith(b"(deleted)"):
                    span, _, _, where, inode, *_ = line.split(None, 5)
                    first, last = (int(end, 16) for end in span.split(b"-"))
                    major, minor = (int(part, 16) for part in where.split(b":"))
                    if os.makedev(major, minor) == device:
                        sizes[int(inode)] = max(sizes.get(int(inode), 0), last - first)
        return sum(sizes.values())

    def _all(self) -> Iterator[tuple[int, tuple[int, int, int]]]:
        """Pairs of pid and (parent, threads, resident bytes)."""
        for name in os.listdir(self.proc):
            if name.isdigit() and (self.root is not None or name != "1"):
                text = self._read(int(name), "stat")
                if text:
                    rest = text.rpartition(b")")[2].split()
                    yield int(name), (int(rest[1]), int(rest[17]), int(rest[21]) * _PAGE)

    def _resident(self, pid: int) -> int:
        text = self._read(pid, "statm")
        return int(text.split()[1]) * _PAGE if text else 0

    def _open_files(self, pid: int) -> Iterator[os.stat_result]:
        try:
            names = os.listdir(folder := os.open(f"{pid}/fd", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc))
        except OSError:
            return
        try:
            for name in names:
                try:
                    yield os.stat(name, dir_fd=folder)
                except OSError:
                    continue
        finally:
            os.close(folder)

    def _read(self, pid: int, name: str) -> bytes | None:
        try:
            descriptor = os.open(f"{pid}/{name}", os.O_RDONLY, dir_fd=self.proc)
        except OSError:
            return None
        try:
            parts = []
            while part := os.read(descriptor, 1 << 16):
                parts.append(part)
            return b"".join(parts)
        except OSError:
            return None
        finally:
            os.close(descriptor)


class Watchdog:
    """Compares what a submission uses with its plan."""

    def __init__(self, plan: Plan, processes: Processes, inherited: tuple[int, int]) -> None:
        """
        Args:
            inherited: see `Processes.inherited`.
        """
        self.plan = plan
        self.processes = processes
        self.peak = 0
        """The most memory seen, bytes beyond what came with the fork."""
        self.pause = 0.05
        """Seconds until the next look is due."""
        self._inherited, self._inherited_share = inherited
        self._next_disk = time.monotonic() + 1.0
        self._device = os.stat(plan.work).st_dev

    def excess(self) -> tuple[str, str] | None:
        """What is used beyond the plan, as (`memory`, `processes` or `disk`, a sentence), or `None`."""
        plan = self.plan
        usage = self.processes.look()
        if usage.threads > plan.processes:
            return "processes", f"{usage.threads} processes and threads; {plan.processes} are allowed"
        self.pause = 0.05
        charged = usage.resident - self._inherited
        if charged > plan.memory * 3 // 4:
            began = time.monotonic()
            charged = self.processes.proportional(usage.pids) - self._inherited_share
            # The nearer the limit, the more often; but looking closely may take no more than a fifth of the time.
            self.pause = max(0.02, 4 * (time.monotonic() - began))
            if charged > plan.memory:
                return "memory", f"{charged >> 20} MiB of memory; {plan.memory >> 20} MiB are allowed"
        self.peak = max(self.peak, charged)
        if time.monotonic() >= self._next_disk:
            began = time.monotonic()
            used = tree_size(plan.work, plan.disk)
            if used <= plan.disk:
                used += self.processes.deleted(usage.pids, self._device)
            self._next_disk = time.monotonic() + max(1.0, 10 * (time.monotonic() - began))
            if used > plan.disk:
                return "disk", f"more than {plan.disk >> 20} MiB of files, or too many of them"
        return None


def tree_size(folder: str, enough: int) -> int:
    """Bytes on disk below `folder`; the walk ends once they exceed `enough`. More than 100,000 entries exceed any size.

    The owner may be moving and replacing folders meanwhile, so every step is relative to an open folder and follows no link.
    """
    total = entries = 0
    try:
        waiting = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)]
    except OSError:
        return enough + 1  # its owner closed it to us
    try:
        while waiting and total <= enough:
            here = waiting.pop()
            try:
                # Depth first, and one descriptor for each folder still to come: a wide tree must not use them up.
                with os.scandir(here) as found:
                    for entry in found:
                        entries += 1
                        if entries > _ENTRIES or len(waiting) > 512:
                            return enough + 1
                        try:
                            info = entry.stat(follow_symlinks=False)
                            total += info.st_blocks * 512
                            if stat.S_ISDIR(info.st_mode):
                                waiting.append(
                                    os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
                                )
                        except PermissionError:
                            return enough + 1  # a folder closed to us could hold anything
                        except OSError:
                            continue
            except OSError:
                continue
            finally:
                os.close(here)
    finally:
        for descriptor in waiting:
            os.close(descriptor)
    return total


def _descendants(found: dict[int, tuple[int, int, int]], root: int) -> dict[int, tuple[int, int, int]]:
    children: dict[int, list[int]] = {}
    for pid, (parent, _, _) in found.items():
        children.setdefault(parent, []).append(pid)
    kept: dict[int, tuple[int, int, int]] = {}
    waiting = list(children.get(root, ()))
    while waiting:
        pid = waiting.pop()
        if pid not in kept:
            kept[pid] = found[pid]
            waiting += children.get(pid, ())
    return kept
