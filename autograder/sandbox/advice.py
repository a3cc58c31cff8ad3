"""What is lost without each wall, and how to get it, in words for whoever runs the machine."""

from __future__ import annotations

from autograder.text import Text

_NAMESPACES = Text(
    es="En Ubuntu 23.10 o posterior: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, o un perfil de AppArmor "
    "con «userns»; "
    "en Debian antiguo: sudo sysctl kernel.unprivileged_userns_clone=1; en Docker: --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined, o --cap-add SYS_ADMIN.",
    en="On Ubuntu 23.10 or later: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile "
    "with `userns`; "
    "on older Debian: sudo sysctl kernel.unprivileged_userns_clone=1; in Docker: --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined, or --cap-add SYS_ADMIN.",
)
_KERNEL = Text(
    es="Hace falta Linux 5.13 o posterior con Landlock activo (lsm=…,landlock en la línea de arranque; "
    "6.2 si no hay raíz mínima); "
    "en Docker, una versión 23 o posterior, cuyo filtro deja pasar Landlock.",
    en="Linux 5.13 or later with Landlock switched on is needed (lsm=…,landlock on the boot line; "
    "6.2 where there is no minimal root); "
    "in Docker, version 23 or later, whose filter lets Landlock through.",
)
_PLAIN = Text(
    es="Linux 5.9 o posterior en x86_64 o aarch64 lo tiene siempre; si falta, lo impide el contenedor.",
    en="Linux 5.9 or later on x86_64 or aarch64 always has it; if it is missing, the container prevents it.",
)
_ROOT_USER = Text(
    es="Da al contenedor usuarios además de root (subuid) y las capacidades SETUID, SETGID y CHOWN, "
    "o califica como usuario corriente.",
    en="Give the container users beside root (subuid) and the capabilities SETUID, SETGID and CHOWN, or grade as an ordinary user.",
)

ADVICE: dict[str, tuple[Text, Text]] = {
    "descriptors": (
        Text(
            es="El código podría leer archivos abiertos por el calificador.",
            en="Code could read files the grader has open.",
        ),
        _PLAIN,
    ),
    "environment": (
        Text(es="El código podría leer secretos del entorno.", en="Code could read secrets of the environment."),
        _PLAIN,
    ),
    "user_namespace": (
        Text(
            es="Sin él, un usuario corriente no puede levantar ningún otro espacio.",
            en="An ordinary user needs it for every other one.",
        ),
        _NAMESPACES,
    ),
    "pid_namespace": (
        Text(
            es="El código vería que existen otros procesos; al final se matan uno a uno, no de golpe.",
            en="Code would see that other processes exist; at the end they are killed one by one, not at a stroke.",
        ),
        _NAMESPACES,
    ),
    "mount_namespace": (
        Text(es="No puede haber raíz mínima.", en="There can be no minimal root."),
        _NAMESPACES,
    ),
    "net_namespace": (
        Text(
            es="Solo seccomp y Landlock impiden usar la red.", en="Only seccomp and Landlock keep code off the network."
        ),
        _NAMESPACES,
    ),
    "ipc_namespace": (
        Text(
            es="Solo seccomp impide usar memoria compartida ajena.",
            en="Only seccomp keeps code off others' shared memory.",
        ),
        _NAMESPACES,
    ),
    "uts_namespace": (
        Text(es="Casi nada: solo el nombre del ordenador.", en="Next to nothing: the machine's name."),
        _NAMESPACES,
    ),
    "minimal_root": (
        Text(
            es="Solo Landlock impide leer otros archivos, y Python debe estar donde cualquier usuario pueda leerlo.",
            en="Only Landlock keeps code off other files, and Python must be where every user may read it.",
        ),
        _NAMESPACES,
    ),
    "uid": (
        Text(es="El código se ejecutaría como root.", en="Code would run as root."),
        _ROOT_USER,
    ),
    "capabilities": (
        Text(es="El código conservaría poderes de root.", en="Code would keep powers of root."),
        _PLAIN,
    ),
    "rlimits": (
        Text(
            es="Nada limitaría procesos, archivos y memoria desde dentro.",
            en="Nothing would limit processes, files and memory from inside.",
        ),
        _PLAIN,
    ),
    "no_new_privs": (
        Text(es="Un programa setuid devolvería privilegios.", en="A setuid program would give privileges back."),
        _PLAIN,
    ),
    "landlock": (
        Text(
            es="El código podría leer y escribir los archivos de su usuario.",
            en="Code could read and write its user's files.",
        ),
        _KERNEL,
    ),
    "seccomp": (
        Text(
            es="El código tendría red y toda la superficie del núcleo.",
            en="Code would have the network and the kernel's whole surface.",
        ),
        _PLAIN,
    ),
}
"""Wall → what is lost without it, what to do."""
