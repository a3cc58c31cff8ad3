"""What is lost without each wall, and how to get it here, in words for whoever runs the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from autograder.sandbox.surroundings import APPARMOR, USERNS_CLONE, Surroundings
from autograder.text import Text

LOST: dict[str, Text] = {
    "descriptors": Text(
        es="el código podría leer archivos abiertos por el calificador.",
        en="code could read files the grader has open.",
    ),
    "environment": Text(
        es="el código podría leer secretos del entorno.", en="code could read secrets of the environment."
    ),
    "user_namespace": Text(
        es="un usuario corriente no puede levantar ningún otro espacio.",
        en="an ordinary user can raise no other namespace.",
    ),
    "pid_namespace": Text(
        es="el código vería que existen otros procesos; al final se matan uno a uno, no de golpe.",
        en="code would see that other processes exist; at the end they are killed one by one, not at a stroke.",
    ),
    "mount_namespace": Text(es="no puede haber raíz mínima.", en="there can be no minimal root."),
    "net_namespace": Text(
        es="solo seccomp y Landlock impiden usar la red.", en="only seccomp and Landlock keep code off the network."
    ),
    "ipc_namespace": Text(
        es="solo seccomp impide usar memoria compartida ajena.", en="only seccomp keeps code off others' shared memory."
    ),
    "uts_namespace": Text(
        es="casi nada: el código ve el nombre del ordenador.", en="next to nothing: code sees the machine's name."
    ),
    "minimal_root": Text(
        es="solo Landlock impide leer otros archivos, y Python debe estar donde cualquier usuario pueda leerlo.",
        en="only Landlock keeps code off other files, and Python must be where every user may read it.",
    ),
    "uid": Text(es="el código se ejecutaría como root.", en="code would run as root."),
    "capabilities": Text(es="el código conservaría poderes de root.", en="code would keep powers of root."),
    "rlimits": Text(
        es="nada limitaría procesos, archivos y memoria desde dentro.",
        en="nothing would limit processes, files and memory from inside.",
    ),
    "no_new_privs": Text(
        es="un programa setuid devolvería privilegios.", en="a setuid program would give privileges back."
    ),
    "landlock": Text(
        es="el código podría leer y escribir los archivos de su usuario.",
        en="code could read and write its user's files.",
    ),
    "seccomp": Text(
        es="el código tendría red y toda la superficie del núcleo.",
        en="code would have the network and the kernel's whole surface.",
    ),
    "together": Text(
        es="no se califica nada, salvo con --no-sandbox.", en="nothing is graded, except with --no-sandbox."
    ),
}
"""Wall → what is lost without it, as the rest of a sentence that begins "without it"."""

_PLAIN = Text(
    es="Linux 5.9 o posterior en x86_64 o aarch64 lo tiene siempre; si falta, lo impide el contenedor.",
    en="Linux 5.9 or later on x86_64 or aarch64 always has it; if it is missing, the container prevents it.",
)
_NO_CAUSE = Text(
    es="Ningún ajuste conocido lo impide: hace falta un núcleo con espacios de nombres (CONFIG_USER_NS) y un módulo de "
    "seguridad que los permita; `journalctl -k` suele nombrarlo.",
    en="No setting known to forbid it is set: it takes a kernel with namespaces (CONFIG_USER_NS) and a security module that "
    "allows them; `journalctl -k` usually names it.",
)
_FILTERED = Text(
    es="Un filtro de llamadas al sistema rodea ya este proceso (¿una unidad de systemd con RestrictNamespaces= o "
    "SystemCallFilter=, otra jaula?): califica fuera de él.",
    en="A system-call filter lies over this process already (a systemd unit with RestrictNamespaces= or SystemCallFilter=, "
    "another sandbox?): grade outside of it.",
)
_DOCKER = Text(
    es="En Docker o Podman: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined …; como root, además --cap-add SYS_ADMIN.",
    en="In Docker or Podman: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined …; as root also --cap-add SYS_ADMIN.",
)
_KUBERNETES = Text(
    es="En Kubernetes: un securityContext con seccompProfile.type: Unconfined, appArmorProfile.type: Unconfined y "
    "procMount: Unmasked; como root, además capabilities.add: [SYS_ADMIN].",
    en="In Kubernetes: a securityContext with seccompProfile.type: Unconfined, appArmorProfile.type: Unconfined and "
    "procMount: Unmasked; as root also capabilities.add: [SYS_ADMIN].",
)
_OTHER_CONTAINER = Text(
    es="El contenedor lo impide: arráncalo sin filtro de llamadas al sistema, o califica fuera de él.",
    en="The container forbids it: start it without a system-call filter, or grade outside of it.",
)
_SLURM = Text(
    es="En un nodo de Slurm eso lo hace quien lo administra, y en cada nodo de cálculo, no solo en el de acceso.",
    en="On a Slurm node its administrators do that, and on every compute node, not on the login node alone.",
)


def remedy(wall: str, place: Surroundings) -> Text:
    """How to get `wall` in these surroundings: every cause that was recognised, with the command that ends it."""
    return _REMEDIES.get(wall, lambda wall, place: _PLAIN)(wall, place)


def _namespace(wall: str, place: Surroundings) -> Text:
    told = Text("", "")
    for name in place.forbidding(wall):
        told += _apparmor() if name == APPARMOR else _setting(name, 1 if name == USERNS_CLONE else 15_000)
    if place.container and not place.admin and (place.filtered or place.root):
        told += {"Docker": _DOCKER, "Podman": _DOCKER, "Kubernetes": _KUBERNETES}.get(place.container, _OTHER_CONTAINER)
    elif place.filtered:
        told += _FILTERED
    if not told.en:
        told = _NO_CAUSE
    return told + _SLURM if place.slurm else told


def _apparmor() -> Text:
    # Which file a profile is for is decided after links are followed, and every process of ours is started as this program.
    program = os.path.realpath(sys.executable)
    profile = f"abi <abi/4.0>, include <tunables/global> profile autograder {program} flags=(unconfined) {{ userns, }}"
    command = (
        f"echo '{profile}' | sudo tee /etc/apparmor.d/autograder && sudo apparmor_parser -r /etc/apparmor.d/autograder"
    )
    whole = f"sudo sysctl -w {APPARMOR}=0"
    return Text(
        es=f"Ubuntu restringe aquí los espacios de usuario ({APPARMOR} = 1). Permítelos a este Python: {command}. "
        f"O a todo el ordenador, hasta que se reinicie: {whole}.",
        en=f"Ubuntu restricts user namespaces here ({APPARMOR} = 1). Allow them to this Python: {command}. "
        f"Or to the whole machine, until it restarts: {whole}.",
    )


def _setting(name: str, value: int) -> Text:
    command = f"echo '{name} = {value}' | sudo tee /etc/sysctl.d/60-autograder.conf && sudo sysctl --system"
    return Text(
        es=f"Lo impide un ajuste del núcleo ({name} = 0): {command}.",
        en=f"A setting of the kernel forbids it ({name} = 0): {command}.",
    )


def _landlock(wall: str, place: Surroundings) -> Text:
    if place.modules and "landlock" not in place.modules:
        line = ",".join(("landlock", *place.modules))
        return Text(
            es=f"Landlock no está activo: añade lsm={line} a la línea de arranque del núcleo (GRUB_CMDLINE_LINUX) y reinicia; hace "
            "falta Linux 5.13 o posterior (6.2 sin raíz mínima).",
            en=f"Landlock is not switched on: add lsm={line} to the kernel's boot line (GRUB_CMDLINE_LINUX) and restart; it takes "
            "Linux 5.13 or later (6.2 without a minimal root).",
        )
    release = os.uname().release
    told = Text(
        es=f"Hace falta Linux 5.13 o posterior (6.2 sin raíz mínima) con Landlock en su lista lsm=; este es {release}.",
        en=f"It takes Linux 5.13 or later (6.2 without a minimal root) with Landlock in its lsm= list; this is {release}.",
    )
    if place.container:
        told += Text(
            es="En un contenedor, además, Docker 23 o posterior, cuyo filtro deja pasar Landlock.",
            en="In a container also Docker 23 or later, whose filter lets Landlock through.",
        )
    return told + _SLURM if place.slurm else told


def _uid(wall: str, place: Surroundings) -> Text:
    return Text(
        es="Da al contenedor usuarios además de root (subuid) y las capacidades SETUID, SETGID y CHOWN, "
        "o califica como usuario corriente.",
        en="Give the container users beside root (subuid) and the capabilities SETUID, SETGID and CHOWN, "
        "or grade as an ordinary user.",
    )


def _together(wall: str, place: Surroundings) -> Text:
    return Text(es="Corrige lo que dice el mensaje.", en="Put right what the message names.")


_REMEDIES: dict[str, Callable[[str, Surroundings], Text]] = {
    **{f"{kind}_namespace": _namespace for kind in ("user", "pid", "mount", "net", "ipc", "uts")},
    "minimal_root": _namespace,
    "landlock": _landlock,
    "uid": _uid,
    "together": _together,
}
