"""What holds on this machine, tried rather than assumed, in plain words."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.course import DATA_VARIABLE, Backend, Course, Limits
from autograder.devices import CONTEXT, THIS_MACHINE, VISIBLE, Card, Nvidia, Slot
from autograder.errors import AutograderError
from autograder.machine import available_memory, cores, default_jobs
from autograder.sandbox import Probe, Surroundings, probe
from autograder.text import Language, Text

_BACKENDS: tuple[tuple[Backend, str], ...] = (("tensorflow", "tensorflow"), ("jax", "jax"))
_PACKAGES = ("tensorflow", "keras", "numpy", "nbgrader", "otter-grader", "ipykernel")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: Text
    needed: bool = True
    """Whether grading is impossible without it."""

    def line(self, language: Language) -> str:
        """As the terminal shows it."""
        signs = {
            "ok": Text(es="ok     ", en="ok     "),
            "missing": Text(es="FALTA  ", en="MISSING"),
            "warning": Text(es="aviso  ", en="warning"),
        }
        sign = signs["ok" if self.fine else "missing" if self.needed else "warning"]
        return f"{sign.to(language)}  {self.name}: {self.detail.to(language)}"


def diagnose(course_dir: Path | None, *, fast: bool) -> list[Finding]:
    """Look at the machine, the walls, the packages, the course, its data and, unless `fast`, the warm processes.

    Args:
        fast: import no library and read no data set: what is told of them is what is installed and what lies in the folder.
    """
    findings = [_same("python", f"{platform.python_version()}, {os.path.realpath(sys.executable)}"), _machine()]
    findings += _walls(probe())
    findings += [_package(name) for name in _PACKAGES]
    findings += gpu(course_dir, THIS_MACHINE, fast=fast)
    findings.append(_course(course_dir))
    findings.append(_folder() if fast else _data())
    if not fast:
        findings += [_warm("numpy"), _warm("keras", _backend(course_dir))]
    return findings


def verdict(findings: Sequence[Finding]) -> Text:
    """The last line: whether grading works here, and what it lacks."""
    missing = ", ".join(finding.name for finding in findings if finding.needed and not finding.fine)
    lacked = ", ".join(finding.name for finding in findings if not finding.needed and not finding.fine)
    if missing:
        return Text(
            es=f"Aquí no se puede calificar. Falta: {missing}. Nada se ejecuta sin protección.",
            en=f"Grading does not work here. Missing: {missing}. Nothing is run unprotected.",
        )
    works = Text(es="Aquí se puede calificar.", en="Grading works here.")
    if lacked:
        works += Text(es=f"Merece una mirada: {lacked}.", en=f"Worth a look: {lacked}.")
    return works + Text(
        es="docs/security.md dice cómo se consigue cada muro como usuario, como root, en Docker y en un nodo de Slurm.",
        en="docs/security.md says how each wall is had as a user, as root, in Docker and on a Slurm node.",
    )


def _same(name: str, text: str, fine: bool = True) -> Finding:
    return Finding(name, fine, Text(text, text))


def _walls(walls: Sequence[Probe]) -> list[Finding]:
    """One finding per wall; a remedy that serves several is told of the first."""
    first: dict[Text, str] = {}
    findings = []
    for wall in walls:
        detail = wall.detail + Text(es=f"Sin él, {wall.lost.es}", en=f"Without it {wall.lost.en}")
        if not wall.holds:
            if not wall.mandatory:
                detail += Text(es="Se califica sin él.", en="Grading goes on without it.")
            same = first.setdefault(wall.remedy, wall.name)
            seen = Text(es=f"El remedio es el de {same}.", en=f"The remedy is that of {same}.")
            detail += wall.remedy if same == wall.name else seen
        findings.append(Finding(wall.name, wall.holds, detail, needed=wall.mandatory))
    return findings


def _machine() -> Finding:
    """Cores and memory that this process may use, and where it runs. Too little memory for one submission per core is a warning."""
    found, memory = cores(), available_memory()
    jobs = default_jobs(Limits.memory)
    place = Surroundings.here().text()
    kernel = f"Linux {platform.release()} {platform.machine()}"
    detail = Text(
        es=f"{found} núcleos, {memory / (1 << 30):.1f} GiB de memoria libre, {kernel}, {place.es}.",
        en=f"{found} cores, {memory / (1 << 30):.1f} GiB of free memory, {kernel}, {place.en}.",
    )
    if jobs < found:
        gib = Limits.memory / (1 << 30)
        detail += Text(
            es=f"Una entrega puede usar {gib:.0f} GiB, así que se califican {jobs} a la vez; --jobs lo cambia.",
            en=f"A submission may use {gib:.0f} GiB, so {jobs} are graded at the same time; --jobs changes that.",
        )
    return Finding("machine", jobs >= found, detail, needed=False)


def gpu(course_dir: Path | None, machine: Nvidia, *, fast: bool) -> list[Finding]:
    """The cards with driver and memory and, unless `fast`, which backend sees the first of them from behind the walls.

    No card is a warning only where the course wants one.
    """
    cards, driver = machine.cards(), machine.driver
    wanting = _wanting(course_dir)
    if not cards:
        detail = _no_cards(machine)
        if wanting:
            detail += Text(
                es=f'Pide una GPU: {", ".join(wanting)}; sin ella queda sin juzgar, salvo con device="prefer-gpu".',
                en=f'A GPU is wanted by {", ".join(wanting)}; without one it stays unjudged, except with device="prefer-gpu".',
            )
        return [Finding("gpu", driver is None and not wanting, detail, needed=False)]
    findings = [_card(card, driver) for card in cards]
    if not fast:
        for backend, package in _BACKENDS:
            with contextlib.suppress(metadata.PackageNotFoundError):
                metadata.version(package)
                findings.append(_sight(backend, cards[0], needed=bool(wanting)))
    return findings


def _wanting(course_dir: Path | None) -> list[str]:
    """The assignments that are computed on a card."""
    try:
        return [one.name for one in Course.load(course_dir).select(()) if one.device == "gpu"]
    except AutograderError:
        return []  # said of the course itself


def _no_cards(machine: Nvidia) -> Text:
    if machine.driver is None:
        return Text(
            es="ninguna (no hay controlador de NVIDIA); todo se calcula en el procesador.",
            en="none (no NVIDIA driver); everything is computed on the processor.",
        )
    if not machine.asks:
        return Text(
            es=f"hay controlador ({machine.driver}), pero falta {machine.smi}, que dice qué memoria está libre: instálalo.",
            en=f"there is a driver ({machine.driver}) but no {machine.smi}, which tells what memory is free: install it.",
        )
    return Text(
        es=f"hay controlador ({machine.driver}), pero ninguna tarjeta que se pueda usar: mira {VISIBLE}, /dev/nvidia0 (en un "
        f"contenedor, --gpus all), {machine.smi} y que no esté dividida (MIG).",
        en=f"there is a driver ({machine.driver}) but no card that may be used: look at {VISIBLE}, /dev/nvidia0 (in a "
        f"container, --gpus all), {machine.smi}, and that it is not divided (MIG).",
    )


def _card(card: Card, driver: str | None) -> Finding:
    total, free = (size / (1 << 30) for size in (card.memory, card.free))
    slots = max(0, card.free // (Limits.gpu_memory + CONTEXT))
    return Finding(
        f"gpu {card.nodes[0]}",
        slots > 0,
        Text(
            es=f"{card.name}, {free:.1f} de {total:.1f} GiB libres (caben {slots} entregas a la vez), controlador {driver}, "
            f"{card.uuid}",
            en=f"{card.name}, {free:.1f} of {total:.1f} GiB free (room for {slots} submissions at the same time), driver "
            f"{driver}, {card.uuid}",
        ),
        needed=False,
    )


def _sight(backend: Backend, card: Card, *, needed: bool) -> Finding:
    from autograder.kernel.warm import WarmParent, cache_folder
    from autograder.sight import sees

    name = f"{backend} on the gpu"
    parent = None
    try:
        parent = WarmParent(("keras", "autograder.kernel.child"), cache_folder() / "matplotlib", backend)
        seen = sees(parent, Slot(card, Limits.gpu_memory), Limits())
    except AutograderError as error:
        return Finding(name, False, Text(str(error), str(error)), needed=needed)
    finally:
        if parent is not None:
            parent.close()
    if seen:
        return Finding(name, True, Text("la ve desde dentro de los muros", "sees it from behind the walls"))
    return Finding(
        name,
        False,
        Text(
            es=f"no la ve; instala {backend} con CUDA para este controlador (docs/devices.md).",
            en=f"does not see it; install {backend} with CUDA for this driver (docs/devices.md).",
        ),
        needed=False,
    )


def _package(name: str) -> Finding:
    try:
        return _same(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(
            name,
            False,
            Text(
                f"no está instalado para {sys.executable}; ejecuta python3 run.py",
                f"not installed for {sys.executable}; run python3 run.py",
            ),
        )


def _course(course_dir: Path | None) -> Finding:
    try:
        course = Course.load(course_dir)
        course.select(())
    except AutograderError as error:
        return Finding("course", False, Text(str(error), str(error)), needed=False)
    return _same("course", f"{course.id} in {course.root}: {', '.join(course.names)}")


_MINI = Text(
    es=f"mini, hechos por código; {DATA_VARIABLE} puede nombrar una carpeta con los completos",
    en=f"mini, made by code; {DATA_VARIABLE} may name a folder with the full ones",
)


def _folder() -> Finding:
    """The data sets by the names of their files alone."""
    given = os.environ.get(DATA_VARIABLE)
    if not given:
        return Finding("data sets", True, _MINI)
    try:
        names = sorted(name for name in os.listdir(given) if name.endswith((".npz", ".json")))
        closed = [name for name in names if not os.access(os.path.join(given, name), os.R_OK)]
        problem = f"{closed[0]}: Permission denied" if closed else "" if names else "no .npz"
    except OSError as error:
        problem = str(error.strerror)
    if problem:
        detail = Text(
            es=f"{DATA_VARIABLE} = {given} no se puede leer ({problem}): nómbrale una carpeta con imdb.npz, o quítalo.",
            en=f"{DATA_VARIABLE} = {given} cannot be read ({problem}): name a folder that holds imdb.npz, or leave it unset.",
        )
        return Finding("data sets", False, detail, needed=False)
    listed = ", ".join(names)
    return Finding(
        "data sets",
        True,
        Text(
            es=f"completos, de {DATA_VARIABLE} = {given}: {listed} (sin leerlos, por --fast)",
            en=f"full, from {DATA_VARIABLE} = {given}: {listed} (not read, because of --fast)",
        ),
    )


def _data() -> Finding:
    """The data sets, read as a grader reads them."""
    from autograder.data import choose, imdb

    try:
        (x_train, _), (x_test, _) = imdb.load_data()
        imdb.get_word_index()
    except AutograderError as error:
        return Finding("data sets", False, Text(str(error), str(error)), needed=False)
    given = os.environ.get(DATA_VARIABLE)
    whence = (
        Text(f"completos, de {DATA_VARIABLE} = {given}", f"full, from {DATA_VARIABLE} = {given}")
        if choose(None) == "full"
        else _MINI
    )
    count = f"(imdb {len(x_train)} + {len(x_test)})"
    return Finding("data sets", True, whence + Text(count, count))


def _backend(course_dir: Path | None) -> str | None:
    """What the course's assignments are computed with, as far as they agree."""
    try:
        found = {one.backend for one in Course.load(course_dir).select(())}
    except AutograderError:
        return None
    return found.pop() if len(found) == 1 else None


def _warm(library: str, backend: str | None = None) -> Finding:
    from autograder.kernel.warm import WarmParent, cache_folder

    started = time.monotonic()
    try:
        WarmParent((library, "autograder.kernel.child"), cache_folder() / "matplotlib", backend).close()
    except AutograderError as error:
        return Finding(f"warm {library}", False, Text(str(error), str(error)))
    seconds = f"{time.monotonic() - started:.1f} s"
    on = f" ({backend})" if backend else ""
    return Finding(
        f"warm {library}", True, Text(f"un hilo, listo en {seconds}{on}", f"one thread, ready after {seconds}{on}")
    )
