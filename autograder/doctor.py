"""What holds on this machine, tried rather than assumed, in plain words."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.course import DATA_VARIABLE, Course, Limits
from autograder.errors import AutograderError
from autograder.machine import available_memory, cores, default_jobs
from autograder.sandbox import Probe, Surroundings, probe
from autograder.text import Language, Text

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
    findings.append(_course(course_dir))
    findings.append(_folder() if fast else _data())
    if not fast:
        findings += [_warm("numpy"), _warm("keras")]
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


def _warm(library: str) -> Finding:
    from autograder.kernel.warm import WarmParent, cache_folder

    started = time.monotonic()
    try:
        WarmParent((library, "autograder.kernel.child"), cache_folder() / "matplotlib").close()
    except AutograderError as error:
        return Finding(f"warm {library}", False, Text(str(error), str(error)))
    seconds = f"{time.monotonic() - started:.1f} s"
    return Finding(f"warm {library}", True, Text(f"un hilo, listo en {seconds}", f"one thread, ready after {seconds}"))
