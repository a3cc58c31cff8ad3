"""Kills a grader at random moments and compares what the same command then ends with: `python benchmarks/kill.py --rounds 30`.

A class of twelve is graded undisturbed. Then, in each round, `autograder grade` is killed with SIGKILL at a random moment and the
same command is given again. Every submission must have exactly one report, equal to the undisturbed one but for the clock; what was
in the journal must not be graded again; the gradebook must pass its integrity check and hold the same marks; no process and no
work folder may be left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.authoring import read_template
from autograder.course import Course
from autograder.variants import mistakes

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.outcome import marks, verdicts  # noqa: E402 - the repository's root is no installed package

SIZE = 12


def main() -> int:
    """Run all rounds; 0 when nothing was lost, doubled or changed in any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="kill-") as name:
        course = make_course(Path(name))
        command = [sys.executable, "-m", "autograder.cli", "grade", "in", "--jobs", "2", "--json"]
        started = time.monotonic()
        grade([*command, "calm.json", "--out", "calm"], course)
        whole = time.monotonic() - started
        want = verdicts(course / "calm.json"), marks(course / "gradebook.db")
        assert len(want[0]) == SIZE
        print(f"undisturbed: {SIZE} submissions in {whole:.1f} s", flush=True)
        wrong = 0
        finished = []
        for number in range(options.rounds):
            (course / "gradebook.db").unlink(missing_ok=True)
            out = course / f"round-{number}"
            left = kill([*command, f"{out}.json", "--out", str(out)], course, chance.uniform(0.0, whole))
            kept = in_journal(out)
            told = grade([*command, f"{out}.json", "--out", str(out)], course)
            again = re.search(r"(\d+) of \d+ verdicts were known", told)
            found = verdicts(Path(f"{out}.json")), marks(course / "gradebook.db")
            held = found == want and kept == (int(again[1]) if again else 0) and not left
            pages = [len(list((out / folder).iterdir())) for folder in ("feedback", "receipts")]
            held = held and pages == [SIZE, SIZE]
            wrong += not held
            finished.append(kept)
            if not held:
                print(f"round {number}: kept {kept}, then {again and again[0]}, pages {pages}, left {left}", flush=True)
            shutil.rmtree(out)
        print(
            f"{options.rounds} rounds, killed with {min(finished)} to {max(finished)} of {SIZE} verdicts in the journal "
            f"(on average {sum(finished) / len(finished):.1f}): {wrong} violations."
        )
    return int(wrong > 0)


def make_course(root: Path) -> Path:
    """This course's first assignment alone, and a class of twelve different answers to it."""
    here = Course.load(ROOT)
    name = here.names[0]
    shutil.copytree(ROOT / "solutions" / name, root / "solutions" / name)
    # Without pictures, so that a round takes seconds.
    config = 'from autograder.course import Course\n\ncourse = Course(id="kill", run_demos=False)\n'
    (root / "course_config.py").write_text(config)
    template = read_template(here.assignment(name), here.language)
    for number, variant in enumerate(mistakes(here.assignment(name))[:SIZE]):
        path = root / "in" / f"student{number:02}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(template.reference({variant.task: variant.source})))
    return root


def grade(command: list[str], course: Path) -> str:
    """Grade undisturbed; what was printed."""
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"grading failed: {done.stderr}")
    return done.stdout


def kill(command: list[str], course: Path, seconds: float) -> list[str]:
    """Start grading and kill it after some seconds; what is left of it half a minute later at the latest."""
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    family = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 30
    while (left := [f"process {pid}" for pid in family if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def descendants(pid: int) -> list[int]:
    """A process's children, and theirs."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        found = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [*found, *(below for child in found for below in descendants(child))]


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def in_journal(out: Path) -> int:
    """Verdicts that were kept before the kill."""
    if not (out / "journal.db").exists():
        return 0
    with sqlite3.connect(out / "journal.db") as db:
        tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'verdicts'").fetchone()[0]
        found = db.execute("SELECT count(*) FROM verdicts").fetchone()[0] if tables else 0
    db.close()
    return int(found)


if __name__ == "__main__":
    os.environ.pop("COURSE_DATA", None)
    sys.exit(main())
