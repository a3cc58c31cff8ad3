"""Where this process runs, as far as advice depends on it: user, container, batch job, and what the kernel was told to forbid.

Only advice is drawn from it. Whether a wall holds is tried (`probes`), since each of these signs can be wrong.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.text import Text

APPARMOR = "kernel.apparmor_restrict_unprivileged_userns"
"""Ubuntu's, since 23.10: 1 takes every capability from a user namespace that an unprivileged user makes."""
USERNS_CLONE = "kernel.unprivileged_userns_clone"
"""Debian's own, 0 by default until Debian 10: 0 keeps unprivileged users from making user namespaces."""
COUNTS = {
    "user_namespace": "user.max_user_namespaces",
    "pid_namespace": "user.max_pid_namespaces",
    "mount_namespace": "user.max_mnt_namespaces",
    "net_namespace": "user.max_net_namespaces",
    "ipc_namespace": "user.max_ipc_namespaces",
    "uts_namespace": "user.max_uts_namespaces",
}
"""Wall → the setting that counts such namespaces; 0 forbids them, to root too."""
_CAP_SYS_ADMIN = 21


@dataclass(frozen=True)
class Surroundings:
    """What was found, nothing concluded yet."""

    root: bool
    container: str | None = None
    """`Docker`, `Podman`, `Kubernetes` or another's name; `None` where no sign of one was seen."""
    slurm: str | None = None
    """The number of the Slurm job that this process belongs to."""
    filtered: bool = False
    """A system-call filter lies over this process already."""
    admin: bool = False
    """This process has the capability that namespaces and mounts ask for."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """The kernel's settings that this module knows, as far as this kernel has them."""
    modules: tuple[str, ...] = ()
    """Security modules that are switched on; empty where that cannot be read."""

    @classmethod
    def here(cls, root: Path = Path("/"), variables: Mapping[str, str] | None = None) -> Surroundings:
        """Those of this process; `root` is the folder that holds `proc`, `sys` and the containers' marks."""
        variables = os.environ if variables is None else variables
        status = dict(line.split(":", 1) for line in _read(root / "proc/self/status").splitlines() if ":" in line)
        settings = {}
        for name in (APPARMOR, USERNS_CLONE, *COUNTS.values()):
            text = _read(root / "proc/sys" / name.replace(".", "/")).strip()
            if text.isdigit():
                settings[name] = int(text)
        return cls(
            root=os.geteuid() == 0,
            container=_container(root, variables),
            slurm=variables.get("SLURM_JOB_ID"),
            filtered=status.get("Seccomp", "0").strip() == "2",
            admin=bool(int(status.get("CapEff", "0"), 16) >> _CAP_SYS_ADMIN & 1),
            settings=settings,
            modules=tuple(filter(None, _read(root / "sys/kernel/security/lsm").strip().split(","))),
        )

    def forbidding(self, wall: str) -> tuple[str, ...]:
        """The settings of this kernel that keep this process from the namespace called `wall`, most likely first."""
        found = []
        if not self.admin:
            if self.settings.get(APPARMOR) == 1:
                found.append(APPARMOR)
            if self.settings.get(USERNS_CLONE) == 0:
                found.append(USERNS_CLONE)
        # An ordinary user makes every other namespace inside a user namespace.
        counts = {COUNTS["user_namespace"]} if not self.admin else set()
        counts |= {COUNTS[wall]} if wall in COUNTS else {COUNTS["mount_namespace"]}
        return (*found, *(name for name in COUNTS.values() if name in counts and self.settings.get(name) == 0))

    def text(self) -> Text:
        """In words."""
        who = Text(es="root", en="root") if self.root else Text(es="usuario corriente", en="an ordinary user")
        where = (
            Text(es=f"dentro de {self.container}", en=f"inside {self.container}") if self.container else Text("", "")
        )
        job = (
            Text(es=f"en el trabajo {self.slurm} de Slurm", en=f"in Slurm job {self.slurm}")
            if self.slurm
            else Text("", "")
        )
        return who + where + job


def _container(root: Path, variables: Mapping[str, str]) -> str | None:
    if "KUBERNETES_SERVICE_HOST" in variables:
        return "Kubernetes"
    if (root / "run/.containerenv").exists():
        return "Podman"
    if (root / ".dockerenv").exists():
        return "Docker"
    for name in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"):
        if name in variables:
            return "Apptainer"
    named = variables.get("container")  # set by systemd-nspawn, LXC, Podman and others
    return {"docker": "Docker", "podman": "Podman"}.get(named, named) if named else None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
