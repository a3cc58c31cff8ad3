"""Becomes a command in poorer surroundings than this machine's, for the tests of the walls.

    python degraded.py NAME… -- COMMAND…

What a name takes away is taken away for real, in namespaces of this process's own; nothing outside changes:

- `user`: the user is an ordinary one (uid 54321 where it was root).
- `uncounted`: no user namespace may be made, by the setting user.max_user_namespaces.
- `ubuntu`: a user namespace may be made, but no user mapped and nothing else done in it, as with Ubuntu's AppArmor.
- `debian`: no user namespace may be made, by kernel.unprivileged_userns_clone.
- `docker`: Docker's capabilities, its covered parts of /proc, and what its system-call filter refuses.
- `covered`: only the covered parts of /proc, as in a container started with seccomp=unconfined.
- `mountless`: every mount is refused.
- `lockless`: a kernel without Landlock.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests")]

from sandbox_inside import kernel_without  # noqa: E402

from autograder.sandbox import libraries, privileges, system  # noqa: E402

USER = 54_321
NAMES = ("user", "uncounted", "ubuntu", "debian", "docker", "covered", "mountless", "lockless")
_MOUNTS = ("mount", "umount2", "pivot_root", "fsopen", "fsmount", "open_tree", "move_mount", "mount_setattr")
_DOCKER_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE
and SETFCAP: Docker's documented defaults."""


def main() -> None:
    """Take away what is named and become the command."""
    at = sys.argv.index("--")
    names, command = set(sys.argv[1:at]), sys.argv[at + 1 :]
    assert names <= set(NAMES), names
    was_root = os.geteuid() == 0
    if not was_root:
        privileges.user_namespace(os.geteuid(), os.getegid())
    system.unshare(system.CLONE_NEWNS)
    system.mount_private()
    _open_the_way((*libraries(), str(CHECKOUT)))
    for name, setting in (
        ("ubuntu", "apparmor_restrict_unprivileged_userns"),
        ("debian", "unprivileged_userns_clone"),
    ):
        if name in names:
            _setting(setting, "1" if name == "ubuntu" else "0")
    if names & {"docker", "covered"}:
        _cover_proc()
    if "uncounted" in names:
        _own_count_of_user_namespaces(was_root)
    if "ubuntu" in names:
        # Where a map cannot be written, the process is left in a user namespace in which nobody has a name.
        system.mount_read_only("/proc")
    if "docker" in names and was_root:
        _keep_capabilities(_DOCKER_CAPABILITIES)
    if "user" in names and was_root:
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    if not was_root:
        system.drop_capabilities()
    os.environ |= {"HOME": "/var/tmp", "XDG_CACHE_HOME": "/nonexistent"}
    os.environ.pop("container", None)
    if "docker" in names:
        os.environ |= {"container": "docker"}
        kernel_without("unshare", "setns", *_MOUNTS)()
    if "debian" in names:
        kernel_without("unshare")()
    if "ubuntu" in names:
        _only_user_namespaces()
    if "mountless" in names:
        kernel_without(*_MOUNTS)()
    if "lockless" in names:
        kernel_without("landlock_create_ruleset", code=errno.ENOSYS)()
    os.execv(command[0], command)


def _open_the_way(paths: tuple[str, ...]) -> None:
    """Lay a passable folder over each closed one above `paths`, so that Python can be started by any user."""
    closed: dict[str, list[str]] = {}
    for path in paths:
        for above in reversed(Path(path).parents):
            if not above.stat().st_mode & stat.S_IXOTH:
                closed.setdefault(str(above), []).append(path)
                break
    for folder, hidden in closed.items():
        clones = [(path, system.mount_clone(path, 0)) for path in hidden]
        system.mount_attach(system.mount_detached("tmpfs", 0, mode="0755"), folder)
        for path, clone in clones:
            os.makedirs(path, exist_ok=True)
            system.mount_attach(clone, path)


def _setting(name: str, value: str) -> None:
    """A setting of the kernel that this one does not have: a copy of /proc/sys/kernel with one file more lies over the real one."""
    kept = {}
    for path in Path("/proc/sys/kernel").iterdir():
        if path.is_file():
            try:
                kept[path.name] = path.read_bytes()
            except OSError:
                continue
    system.mount_attach(system.mount_detached("tmpfs", 0, mode="0755"), "/proc/sys/kernel")
    for file, content in {**kept, name: value.encode()}.items():
        Path("/proc/sys/kernel", file).write_bytes(content)


def _cover_proc() -> None:
    for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list"):
        if os.path.exists(path):
            system.mount_attach(system.mount_clone("/dev/null", 0), path)
    if os.path.exists("/proc/scsi"):
        system.mount_attach(system.mount_detached("tmpfs", system.ATTR_RDONLY), "/proc/scsi")
    system.mount_attach(system.mount_clone("/proc/sys", system.ATTR_RDONLY), "/proc/sys")


def _own_count_of_user_namespaces(was_root: bool) -> None:
    """Enter a user namespace with everybody in it, in which the count of further ones is 0."""
    if was_root:
        me = os.getpid()
        reading, writing = os.pipe()
        helper = os.fork()
        if helper == 0:
            os.close(writing)
            os.read(reading, 1)
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{me}/{name}").write_text("0 0 4294967295")
            os._exit(0)
        os.close(reading)
        system.unshare(system.CLONE_NEWUSER)
        os.close(writing)
        assert os.waitpid(helper, 0)[1] == 0
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def _keep_capabilities(kept: tuple[int, ...]) -> None:
    import ctypes

    for capability in range(41):
        if capability not in kept:
            system.prctl(system.PR_CAPBSET_DROP, capability)
    low, high = (sum(1 << c % 32 for c in kept if c // 32 == half) for half in (0, 1))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    system.call("capset", ctypes.byref(header), ctypes.byref(sets))


def _only_user_namespaces() -> None:
    """Refuse every other kind of namespace and every mount."""
    kernel_without(*_MOUNTS)()
    kernel_without("unshare", allowing=system.CLONE_NEWUSER)()


if __name__ == "__main__":
    main()
