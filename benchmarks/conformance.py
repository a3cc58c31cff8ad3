"""Puts the conformance suite to this engine, to nbgrader and to otter: `python benchmarks/conformance.py` writes the table.

    nice -n 10 .venv/bin/python benchmarks/conformance.py [--results FILE] [--only TEXT]

Every case of `tests/conformance` is graded three times, by the same judge (`case.violations`): by a warm engine of this
package, by `nbgrader autograde` and by `otter run`, each peer with the same tiny assignment as its own users would write it
(`peers`), in a box of its own (`capped`) that keeps hostile code off this machine. It takes root, and about half an hour
of two cores. With `--results`, what was judged goes into that file as it comes, and what already stands there is not run
again unless the case has changed since.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib.metadata import version
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.capped import Box  # noqa: E402 - the repository's root is no installed package
from benchmarks.peers import CELL_SECONDS, SECONDS, Nbgrader, Otter, Peer  # noqa: E402
from tests.conformance import ours  # noqa: E402
from tests.conformance.case import Case, Surroundings, violations  # noqa: E402
from tests.conformance.suite import cases  # noqa: E402

DOCUMENT = ROOT / "docs" / "conformance.md"
_FIRST_USER = 41_000
_NOBODY = Surroundings(Path("/spot"), Path("/secret"), "content", "90")
CAPPED: Mapping[str, str] = {
    "exhaust-memory_in_pieces": "memory",
    "exhaust-memory_of_children": "memory",
    "exhaust-huge_return_value": "memory",
    "exhaust-fork_bomb": "processes",
    "exhaust-threads": "processes",
    "exhaust-disk": "size of files",
    "exhaust-sparse_file": "size of files",
    "exhaust-many_files": "size of the disk",
    "write-changes_a_package": "who may write packages",
}
"""Cases that a cap of the benchmark's stops before the grader has to: held, they say nothing of the grader."""


def main() -> int:
    """Grade what is not known yet, write the document; 1 when this engine violates anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, metavar="FILE", help="JSON of verdicts, read at the start and kept up")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="peers' submissions at a time")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases with TEXT in their id, and no document")
    options = parser.parse_args()
    if strange := set(CAPPED) - {case.id for case in cases()}:
        parser.error(f"no such cases: {', '.join(sorted(strange))}")
    chosen = [case for case in cases() if options.only in case.id]
    known = Verdicts(options.results)
    with tempfile.TemporaryDirectory(prefix="home-") as home:
        _list_fonts(Path(home))
        peers: list[Peer] = [Nbgrader(Path(home)), Otter(Path(home))]
        try:
            put_to_peers(chosen, peers, known, options.jobs)
        finally:
            for peer in peers:
                peer.close()
    columns = {"autograder": put_to_us(chosen)}
    for peer in peers:
        columns[peer.name] = {case.id: known.of(peer, case) or "" for case in chosen}
    if options.only:
        print(json.dumps(columns, indent=1))
    else:
        DOCUMENT.write_text(document(chosen, columns), encoding="utf-8")
    return int(any(verdict != "holds" for verdict in columns["autograder"].values()))


class Verdicts:
    """What is known of the peers, kept in a file when there is one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text()) if path is not None and path.exists() else {}

    def of(self, peer: Peer, case: Case) -> str | None:
        """The verdict, if this very submission was judged."""
        return self._known.get(self._key(peer, case))

    def add(self, peer: Peer, case: Case, verdict: str) -> None:
        """Keep one, so that an interrupted comparison can go on."""
        self._known[self._key(peer, case)] = verdict
        if self._path is not None:
            self._path.write_text(json.dumps(self._known, indent=1, sort_keys=True))

    @staticmethod
    def _key(peer: Peer, case: Case) -> str:
        content = case.notebook(peer.released, _NOBODY) + repr((case.score, case.rejected_is_fine)).encode()
        return f"{peer.name} {version(peer.name)} {case.id} {hashlib.sha256(content).hexdigest()[:12]}"


def put_to_peers(chosen: Sequence[Case], peers: Sequence[Peer], known: Verdicts, jobs: int) -> None:
    """Several submissions at a time, each under a user of its own."""
    boxes: Queue[Box] = Queue()
    for number in range(jobs):
        boxes.put(Box(_FIRST_USER + number))
    open_ones = [(peer, case) for case in chosen for peer in peers if known.of(peer, case) is None]

    def one(job: tuple[Peer, Case]) -> tuple[Peer, Case, str]:
        peer, case = job
        box = boxes.get()
        try:
            return peer, case, judge(peer, case, box)
        finally:
            boxes.put(box)

    with ThreadPoolExecutor(jobs) as executor:
        for number, (peer, case, verdict) in enumerate(executor.map(one, open_ones), start=1):
            known.add(peer, case, verdict)
            print(f"{number}/{len(open_ones)} {peer.name} {case.id}: {verdict}", file=sys.stderr, flush=True)


def judge(peer: Peer, case: Case, box: Box) -> str:
    """The verdict on a peer in the words of the table."""
    seen, around, left = peer.grade(case, box)
    with tempfile.TemporaryDirectory(prefix="spot-") as spot:
        for number in range(len(left.names)):
            (Path(spot) / str(number)).touch()
        there = Surroundings(Path(spot), around.secret, around.content, around.token)
        found = violations(case, there, seen, left.processes)
    if found and left.status is None:
        found = [f"no report within {SECONDS:.0f} s" if what == "no report" else what for what in found]
    if found:
        return f"violated: {', '.join(found)}"
    return f"not applicable: capped by the harness ({CAPPED[case.id]})" if case.id in CAPPED else "holds"


def put_to_us(chosen: Sequence[Case]) -> dict[str, str]:
    """The verdicts on this engine."""
    with (
        tempfile.TemporaryDirectory(prefix="course-") as folder,
        tempfile.TemporaryDirectory(prefix="conformance-", dir="/var/tmp") as root,
    ):
        places = ours.surround(chosen, Path(root))
        os.environ["COURSE_SECRET"] = secret = f"canary-{secrets.token_hex(8)}"
        seen = ours.grade(ours.tiny_course(Path(folder)), chosen, places)
        left = ours.running()
        found = {case.id: violations(case, places[case.id], seen[case.id], left) for case in chosen}
        for name in found:
            if secret in seen[name].printed:
                found[name].append("a secret was read")
    return {name: f"violated: {', '.join(what)}" if what else "holds" for name, what in found.items()}


def document(chosen: Sequence[Case], columns: Mapping[str, Mapping[str, str]]) -> str:
    """The whole page."""
    names = tuple(columns)
    heads = ("`autograder`", f"`{Nbgrader.command}`", f"`{Otter.command}`")
    kinds = list(dict.fromkeys(case.kind for case in chosen))
    totals = []
    for kind in kinds:
        ids = [case.id for case in chosen if case.kind == kind]
        counts = [Counter(columns[name][one].partition(":")[0] for one in ids) for name in names]
        totals.append(f"| {kind} | {len(ids)} | " + " | ".join(_count(count) for count in counts) + " |")
    counts = [Counter(verdict.partition(":")[0] for verdict in columns[name].values()) for name in names]
    totals.append(f"| **all** | {len(chosen)} | " + " | ".join(_count(count) for count in counts) + " |")
    lines = [
        "# Conformance: hostile, broken and unlucky submissions",
        "",
        f"{len(chosen)} small submissions (`tests/conformance/`), put to this engine and to two graders in wide use, and",
        "judged by the same few lines (`violations` in `tests/conformance/case.py`): fair points, no secret read, nothing",
        "written outside, nothing running afterwards, a report at all. Written by `benchmarks/conformance.py`; not to be edited.",
        "",
        "```",
        f"nice -n 10 .venv/bin/python benchmarks/conformance.py{''.join(f' {word}' for word in sys.argv[1:])}",
        "```",
        "",
        f"{date.today().isoformat()}, {len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}: "
        + ", ".join(f"{name} {version(name)}" for name in (*names, "ipykernel", "IPython"))
        + ".",
        "",
        "How to read it:",
        "",
        "- The peers get the same tasks as their own users would write them: hidden tests between nbgrader's marks, otter's test",
        "  files in a zip. Both run hidden tests in the student's own process and promise no walls; their documentation advises",
        "  containers for strangers' code (otter comes with one, `otter grade`, which is not what is run here).",
        "- They are run by an ordinary user, as instructors do, who owns the class's folder. What an ordinary user may not do",
        "  holds for that reason alone.",
        f"- Hostile code is boxed by the benchmark (`benchmarks/capped.py`): {SECONDS:.0f} s by the clock, 3 GiB a process, 160",
        "  processes, 64 MiB a file, no network but the loopback. Where only such a cap kept a case from doing harm, its row says",
        f"  *not applicable*. nbgrader's limit for a cell is set to {CELL_SECONDS} s (30 as it comes); otter has none.",
        "- With `--results`, the peers' verdicts may come from several sittings; each is of the case as it stands here.",
        "- The optional package `rfc3987_syntax` is hidden from the peers, because importing it costs each of their processes two",
        "  seconds; it checks nothing in a notebook. This engine does without it too.",
        "- A damaged file that cannot be graded may be refused with a message; a command that ends with an error counts as that.",
        "- A task pays all of its points or none, here as there.",
        "",
        f"| kind | cases | {' | '.join(heads)} |",
        "|---|--:|---|---|---|",
        *totals,
    ]
    for kind in kinds:
        lines += [
            "",
            f"## {kind}",
            "",
            f"| case | a violation would be | {' | '.join(heads)} |",
            "|---|---|---|---|---|",
        ]
        for case in chosen:
            if case.kind == kind:
                verdicts = " | ".join(_cell(columns[name][case.id]) for name in names)
                lines.append(f"| {case.name} | {_cell(case.violation)} | {verdicts} |")
    return "\n".join(lines) + "\n"


def _count(count: Counter[str]) -> str:
    words = [f"{count['holds']} hold"] + [
        f"{count[word]} {word}" for word in ("violated", "not applicable") if count[word]
    ]
    return ", ".join(words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _list_fonts(home: Path) -> None:
    """Let matplotlib look for fonts once, not in every box."""
    cache = {"MPLCONFIGDIR": str(home / ".cache" / "matplotlib")}
    subprocess.run([sys.executable, "-c", "import matplotlib.pyplot"], check=True, env={**os.environ, **cache})


if __name__ == "__main__":
    sys.exit(main())
