"""Feeds intake with damaged, odd and hostile files, guided by the lines that they reach, and reports what it could not bear.

    .venv/bin/python benchmarks/fuzz_intake.py --count 1000000 --jobs 2 --seed 0

Needs atheris (libFuzzer for Python): `pip install -e ".[fuzz]"`.

One execution hands one input to the functions that `autograder grade` calls. Notebooks go to `read`, and what it returns to
`identify` and `prepare`: 88 in a hundred executions grow from small notebooks of every nbformat, 2 from the course's own,
released and solved, of up to 1 MiB. The other 10 are zips for `collect`, named by themselves or lying in a class's folder;
each notebook found in one goes to `read`.
A quarter of the mutations are libFuzzer's own, of bytes; the others know what they change (`tests/intake_mutations.py`). Inputs
that reach new branches of `autograder/intake` become the ground for more.

A finding is an exception outside the contract (`SubmissionRejected`; of `collect`, `UsageError`), a broken law (an
`AssertionError` of `Notebooks` or `Archives` below), or an input that takes more than --seconds or --memory. It is kept in
--out, an exception's input in the shortest form found that still raises at the same line. Exit status: 0 without
findings, 1 with any, 2 wrong usage.

The inputs follow from --seed and --count with `--jobs 1` only: parallel jobs learn from each other's inputs as they come.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pickle
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

try:
    import atheris
except ImportError:
    sys.exit('fuzz_intake.py needs atheris; install it with: pip install -e ".[fuzz]"')

with atheris.instrument_imports(include=["autograder.intake"]):
    from autograder.intake import collect, document, identify, prepare, read

from autograder.authoring import Template, read_template
from autograder.course import Assignment, Course, Limits, Settings
from autograder.errors import SubmissionRejected, UsageError
from autograder.records import Role

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import intake_mutations as mutations  # noqa: E402 - it lies beside the tests, which are no package

SHARES = {"notebooks": 0.88, "released": 0.02, "archives": 0.1}
"""What the executions are divided among."""
LARGEST = {"notebooks": 64 << 10, "released": 1 << 20, "archives": 1 << 20}
"""Bytes of an input."""
SLICES = {"notebooks": 50_000, "released": 2_000, "archives": 50_000}
"""Executions of one process: atheris 3.0 loses memory with every input, more with larger ones, which is no finding."""
BEAT = 20.0
"""Seconds between two lines on how far it got."""
HANG = 60
"""Seconds after which an input that does not come back is killed with its process."""


@dataclass
class Tally:
    """What one process has seen."""

    executions: int = 0
    documents: int = 0
    """Inputs that could be read, and so reached `prepare`."""
    prepared: int = 0
    rejected: int = 0
    handed: int = 0
    """Notebooks that `collect` found in zips."""
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds of the longest execution."""
    memory: int = 0
    """Bytes that one execution took at most, beyond what its process held before."""


def templates(kept: Path) -> list[Template]:
    """Two small assignments first, then the course's own in Spanish; `kept` saves the seconds that reading them takes."""
    if kept.exists():
        found: list[Template] = pickle.loads(kept.read_bytes())
        return found
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, first, second in (("90_first", "mse", "twice"), ("91_second", "mae", "half")):
            folder = Path(scratch) / name
            folder.mkdir()
            (folder / "notebook.py").write_text(mutations.NOTEBOOK.format(first=first, second=second), encoding="utf-8")
            found.append(read_template(Assignment(name, folder, Settings(), Limits()), "en"))
    course = Course.load(ROOT)
    found += [read_template(course.assignment(name), "es") for name in course.names]
    kept.write_bytes(pickle.dumps(found))
    return found


class Notebooks:
    """Bytes to `read`, `identify` and `prepare`."""

    def __init__(self, tally: Tally, known: list[Template], released: bool) -> None:
        self.tally = tally
        self.released = released
        self.known = known
        self.by_name = {template.assignment: template for template in known}

    def seeds(self) -> Iterator[bytes]:
        """See the top of this file."""
        if self.released:
            for path in sorted((ROOT / "assignments").glob("*/*/*.ipynb")):
                yield path.read_bytes()
            for template in self.known[2:]:
                yield json.dumps(json.loads(json.dumps(template.reference()))).encode()
            return
        for template in self.known[:2]:
            whole = without_tests(template.reference())
            yield json.dumps(whole).encode()
            yield json.dumps(without_tests(template.notebook())).encode()
            for number in (1, 2, 3):
                old = {"nbformat": number, "worksheets": [{"cells": whole["cells"]}], "metadata": {}}
                yield json.dumps(old).replace('"source"', '"input"').encode("utf-16" if number == 2 else "utf-8")
        yield b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "def mse(): pass"}]}'

    def __call__(self, data: bytes) -> None:
        """One execution; raises what is a finding."""
        try:
            found = read(data)
            assert len(found.cells) <= document.MAX_CELLS
            assert not any("\0" in cell.source for cell in found.cells)
            assert all(cell.source.encode() is not None for cell in found.cells)
            template = self.chosen(found, data)
            self.tally.documents += 1
            made = prepare(found, template)
        except SubmissionRejected as error:
            self.tally.rejected += 1
            mutations.writable(error.text)
            return
        self.tally.prepared += 1
        filled = (Role.TASK, Role.ANSWER, Role.EXTRA)
        locked = [cell for cell in template.cells if cell.role not in filled]
        assert [cell for cell in made.cells if cell.role not in filled] == locked
        assert len({cell.id for cell in made.cells}) == len(made.cells)
        for text in made.repairs:
            mutations.writable(text)

    def chosen(self, found: document.Document, data: bytes) -> Template:
        """The template to prepare by: where nothing in the notebook decides, any, as with `--assignment`."""
        try:
            return self.by_name[identify(found, self.known)]
        except SubmissionRejected as error:
            mutations.writable(error.text)
            return self.known[sha256(data).digest()[0] % len(self.known)]

    def mutate(self, data: bytes, random: Random) -> bytes:
        """Another notebook."""
        return mutations.notebook(data, random)


class Archives:
    """Bytes of a zip to `collect`, and what is in it to `read`."""

    def __init__(self, tally: Tally, known: list[Template], folder: Path) -> None:
        self.tally = tally
        self.names = [template.assignment for template in known]
        self.folder = folder
        whole = json.dumps(json.loads(json.dumps(known[0].reference()))).encode()
        self.notebooks = (b'{"cells": []}', whole)

    def seeds(self) -> Iterator[bytes]:
        """A class's zip as LMSs make it, a student's zip, and one inside the other."""
        plain, whole = self.notebooks
        one = mutations.zipped([mutations.Member("ana/90_first.ipynb", whole), mutations.Member("ana/x.txt", b"x")])
        yield one
        names = ("Ana Ruiz_1_assignsubmission_file/x.ipynb", "Beto_2_assignsubmission_file/y.ipynb")
        yield mutations.zipped([mutations.Member(name, plain) for name in names])
        names = ("ruizana_LATE_77_901_90_first-1.ipynb", "gilbeto_78_902_tarea.docx", "entregas/c/90_first.ipynb")
        yield mutations.zipped([*(mutations.Member(name, plain) for name in names), mutations.Member("d.zip", one)])
        yield mutations.zipped([])

    def __call__(self, data: bytes) -> None:
        """One execution; raises what is a finding."""
        digest = sha256(data).digest()
        path = self.folder / "class.zip"
        path.write_bytes(data)
        try:
            handed = collect(
                [self.folder if digest[0] & 1 else path], self.names, "90_first" if digest[0] & 2 else None
            )
        except UsageError as error:
            self.tally.rejected += 1
            str(error).encode()
            return
        mutations.lawful(handed)
        for one in handed:
            if one.data is not None:
                self.tally.handed += 1
                with contextlib.suppress(SubmissionRejected):
                    read(one.data)

    def mutate(self, data: bytes, random: Random) -> bytes:
        """Another zip."""
        return mutations.archive(data, random, self.notebooks)


def without_tests(notebook: Any) -> dict[str, Any]:
    """`notebook` as JSON without the public tests, which intake never reads and which are half of a small one."""
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    plain["metadata"] = {"autograder": plain["metadata"]["autograder"]}
    return plain


class Watch:
    """Runs a target, notes time and memory, and keeps what goes wrong without stopping for it."""

    def __init__(self, target: Callable[[bytes], None], tally: Tally, options: argparse.Namespace) -> None:
        self.target, self.tally, self.options = target, tally, options
        self.last = options.executions
        self.seen: Counter[str] = Counter()
        self.told = 0.0
        self.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        self.statm = os.open("/proc/self/statm", os.O_RDONLY)

    def resident(self) -> int:
        """Bytes of this process in memory now."""
        return int(os.pread(self.statm, 200, 0).split()[1]) * resource.getpagesize()

    def __call__(self, data: bytes) -> None:
        """What libFuzzer calls with each input."""
        before, started = self.resident(), time.perf_counter()
        try:
            self.target(data)
        except Exception as error:
            self.raised(data, error)
        seconds = time.perf_counter() - started
        self.tally.executions += 1
        if seconds > self.tally.slowest:
            self.tally.slowest = seconds
            self.keep(f"slowest-{self.options.name}", data)
            # A loaded machine is no finding: what counts is the second try.
            if seconds > self.options.seconds and self.again(data) > self.options.seconds:
                self.found(f"slow-{sha256(data).hexdigest()[:12]}", data, f"took {seconds:.1f} s")
        taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before
        # The peak is one of the whole process: it speaks of this input only where it has just risen.
        if taken > self.tally.memory and self.peak < taken + before:
            self.tally.memory = taken
            self.keep(f"largest-{self.options.name}", data)
            if taken > self.options.memory << 20:
                self.found(f"memory-{sha256(data).hexdigest()[:12]}", data, f"took {taken >> 20} MiB")
        self.peak = max(self.peak, taken + before)
        if self.tally.executions >= self.last or started - self.told > 2:
            self.told = started
            self.tell()

    def again(self, data: bytes) -> float:
        """Seconds that `data` takes once more."""
        started = time.process_time()
        with contextlib.suppress(Exception):
            self.target(data)
        return time.process_time() - started

    def raised(self, data: bytes, error: Exception) -> None:
        """Keeps the first input for each place that raises."""
        place = where(error)
        self.seen[place] += 1
        if self.seen[place] == 1:
            name = re.sub(r"\W+", "-", place)
            self.found(
                f"raised-{name}", minimised(data, self.target, place), "".join(traceback.format_exception(error))
            )

    def found(self, name: str, data: bytes, story: str) -> None:
        """Keeps one finding."""
        self.tally.findings.append(name)
        self.keep(name, data)
        (self.options.out / f"{name}.txt").write_text(story, encoding="utf-8", errors="backslashreplace")
        self.tell()

    def keep(self, name: str, data: bytes) -> None:
        """Writes an input to the folder of results."""
        (self.options.out / name).write_bytes(data)

    def tell(self) -> None:
        """Lets the process that started this one know how far it got."""
        path = self.options.out / f"tally-{self.options.name}.json"
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self.tally)))
        temporary.replace(path)


def where(error: BaseException) -> str:
    """Class and place of `error`: the innermost frame within this repository."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)] or frames
    return f"{type(error).__name__} {Path(own[-1].filename).name} {own[-1].lineno}"


def minimised(data: bytes, target: Callable[[bytes], None], place: str, seconds: float = 30.0) -> bytes:
    """A short form of `data` that still raises at `place`; stops after `seconds`."""
    until = time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size and time.monotonic() < until:
        at = 0
        while at < len(data) and time.monotonic() < until:
            shorter = data[:at] + data[at + size :]
            try:
                target(shorter)
            except Exception as error:
                if where(error) == place:
                    data = shorter
                    continue
            at += size
        size //= 2
    return data


def work(options: argparse.Namespace) -> None:
    """One process: libFuzzer with one target; does not return."""
    tally = Tally()
    known = templates(options.out / "templates")
    target: Notebooks | Archives
    if options.target == "archives":
        target = Archives(tally, known, Path(tempfile.mkdtemp(dir=options.out)))
    else:
        target = Notebooks(tally, known, released=options.target == "released")
    corpus = options.out / f"corpus-{options.target}"
    corpus.mkdir(exist_ok=True)
    for seed in target.seeds():
        (corpus / sha256(seed).hexdigest()).write_bytes(seed)
    watch = Watch(target, tally, options)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.25:
            return atheris.Mutate(data, size)
        made = target.mutate(data, random)
        return made if len(made) <= size else made[:size] if random.random() < 0.1 else atheris.Mutate(data, size)

    flags = [
        f"-runs={options.executions}",
        f"-seed={options.seed + 1}",
        f"-max_len={LARGEST[options.target]}",
        f"-timeout={HANG}",
        f"-report_slow_units={HANG}",
        f"-rss_limit_mb={2_000 + 2 * options.memory}",
        f"-artifact_prefix={options.out}/killed-{options.name}-",
        # Small and quick inputs are preferred, so that a million fits in an hour.
        "-entropic_scale_per_exec_time=1",
        "-mutate_depth=2",
        "-reload=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], watch, custom_mutator=mutate)
    atheris.Fuzz()


def run(target: str, number: int, count: int, options: argparse.Namespace) -> None:
    """Processes one after another until `count` executions are done; one that is killed over an input is a finding."""
    done = attempt = 0
    while done < count:
        name = f"{target}-{number}-{attempt}"
        command = [sys.executable, __file__, "--target", target, "--name", name, "--executions", str(count - done)]
        command += ["--seed", str(options.seed + 1000 * number + attempt), "--out", str(options.out)]
        command += ["--seconds", str(options.seconds), "--memory", str(options.memory)]
        with (options.out / f"{name}.log").open("wb") as log:
            code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
        tally = read_tally(options.out / f"tally-{name}.json")
        if code and not any(options.out.glob(f"killed-{name}-*")):
            (options.out / f"killed-{name}-status").write_text(f"ended with status {code}; see {name}.log\n")
        if not tally.executions:
            return
        done, attempt = done + tally.executions, attempt + 1


def sliced(count: int) -> Iterator[tuple[str, int, int]]:
    """`count` executions as (target, number of the slice, executions)."""
    shares = {target: int(count * share) for target, share in SHARES.items()}
    shares["notebooks"] += count - sum(shares.values())
    for target, left in shares.items():
        for number, start in enumerate(range(0, left, SLICES[target])):
            yield target, number, min(SLICES[target], left - start)


def read_tally(path: Path) -> Tally:
    """What the process that writes `path` has told so far."""
    try:
        return Tally(**json.loads(path.read_text()))
    except FileNotFoundError:
        return Tally()


def summed(out: Path) -> Tally:
    """All processes together."""
    total = Tally()
    for tally in map(read_tally, sorted(out.glob("tally-*.json"))):
        for key in ("executions", "documents", "prepared", "rejected", "handed"):
            setattr(total, key, getattr(total, key) + getattr(tally, key))
        total.findings += tally.findings
        total.slowest = max(total.slowest, tally.slowest)
        total.memory = max(total.memory, tally.memory)
    # Each finding once, whichever job met it first; of a killed process, the input that libFuzzer kept.
    total.findings = sorted({*total.findings, *(path.name for path in out.glob("killed-*"))})
    return total


def line(total: Tally, seconds: float, count: int) -> str:
    """How far it got."""
    return (
        f"{total.executions:,} of {count:,} executions in {seconds:,.0f} s ({total.executions / max(seconds, 1):.0f}/s); "
        f"{total.documents:,} reached prepare, {total.prepared:,} prepared, {total.rejected:,} refused with a sentence, "
        f"{total.handed:,} notebooks found in zips; slowest {total.slowest:.2f} s; "
        f"most memory {total.memory >> 20} MiB; {len(total.findings)} findings"
    )


def main() -> int:
    """Divide the work, watch it, tell the result."""
    parser = argparse.ArgumentParser(description="Fuzz autograder's intake; see the top of this file.")
    parser.add_argument("--count", type=int, default=100_000, metavar="N", help="executions in all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes at a time")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S", help="longest time for one input")
    parser.add_argument("--memory", type=int, default=500, metavar="MIB", help="most memory for one input")
    parser.add_argument("--out", type=Path, default=None, help="folder for findings; a new temporary one by default")
    for hidden in ("--target", "--name", "--executions"):
        parser.add_argument(hidden, type=int if hidden == "--executions" else str, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.target:
        work(options)
    if options.count < 1 or options.jobs < 1:
        parser.error("--count and --jobs take numbers from 1")
    options.out = (options.out or Path(tempfile.mkdtemp(prefix="fuzz-intake-"))).resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.glob("tally-*.json")):
        parser.error(f"{options.out} holds the results of another run; name another folder with --out")
    packages = ", ".join(f"{name} {version(name)}" for name in ("autograder", "atheris", "numpy"))
    print(
        f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores; results in {options.out}", flush=True
    )
    started = time.monotonic()
    templates(options.out / "templates")
    with ThreadPoolExecutor(options.jobs) as pool:
        # The first slices of every kind come first: each teaches the corpus that the others start from.
        slices = sorted(sliced(options.count), key=lambda one: one[1])
        waiting = {pool.submit(run, target, number, share, options) for target, number, share in slices}
        while waiting:
            waiting = wait(waiting, BEAT).not_done
            print(line(summed(options.out), time.monotonic() - started, options.count), flush=True)
    total = summed(options.out)
    print("\nend: " + line(total, time.monotonic() - started, options.count))
    for finding in total.findings:
        print(f"finding: {options.out / finding}")
    return 1 if total.findings or total.executions < options.count else 0


if __name__ == "__main__":
    sys.exit(main())
