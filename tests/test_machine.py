"""How much of a machine a class may use, read from control groups laid out as kernels do it."""

from __future__ import annotations

import os

import pytest

from autograder.machine import ControlGroups, available_memory, cores, default_jobs

GIB = 1 << 30


@pytest.fixture
def groups(tmp_path):
    """Control groups with the given files, by path under their root."""

    def lay(own: str, **files: str) -> ControlGroups:
        root = tmp_path / "cgroup"
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text + "\n")
        (tmp_path / "own").write_text(own)
        return ControlGroups(root, tmp_path / "own")

    return lay


def test_without_control_groups_the_whole_machine_is_ours(groups):
    none = groups("0::/\n")
    assert cores(none) == len(os.sched_getaffinity(0))
    assert GIB // 4 < available_memory(none) < 1 << 50


def test_a_container_of_version_2_leaves_what_its_narrowest_group_leaves(groups):
    container = groups(
        "0::/batch/job\n",
        **{
            "batch/cpu.max": "50000 100000",
            "batch/job/cpu.max": "max 100000",
            "batch/memory.max": str(3 * GIB),
            "batch/memory.current": str(GIB),
            "batch/job/memory.max": "max",
            "batch/job/memory.current": str(GIB),
        },
    )
    assert cores(container) == 1
    assert available_memory(container) == 2 * GIB


def test_a_container_of_version_1_likewise(groups):
    container = groups(
        "3:cpu,cpuacct:/docker/ab\n2:memory:/docker/ab\n1:name=systemd:/\n",
        **{
            # Inside the container its own group is mounted as the top.
            "cpu,cpuacct/cpu.cfs_quota_us": "-1",
            "cpu,cpuacct/cpu.cfs_period_us": "100000",
            "memory/memory.limit_in_bytes": str(2 * GIB),
            "memory/memory.usage_in_bytes": str(3 * GIB),
        },
    )
    assert cores(container) == len(os.sched_getaffinity(0))
    assert available_memory(container) == 0


@pytest.mark.parametrize(("left", "jobs"), [(1, 1), (3, 1), (4, 2), (5, 2)])
def test_as_many_jobs_as_memory_allows_when_one_of_them_takes_all_that_it_may(groups, left, jobs):
    machine = groups("0::/\n", **{"memory.max": str(left * GIB), "memory.current": "0"})
    assert default_jobs(3 * GIB, machine) == min(jobs, len(os.sched_getaffinity(0)))


def test_what_the_kernel_killed_for_want_of_memory_is_counted(groups):
    assert groups("0::/\n").killed() == 0
    second = {"job/memory.events": "low 0\noom 9\noom_kill 3", "memory.events": "oom_kill 70"}
    assert groups("0::/job\n", **second).killed() == 3
    first = {"memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2"}
    assert groups("2:memory:/docker/ab\n", **first).killed() == 2
