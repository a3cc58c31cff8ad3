"""Does the simulation behind `autograder plan` wait as long as real students do? `.venv/bin/python -m benchmarks.simulation`.

Submissions arrive at two workers, two threads over one warm engine as `autograder grade --jobs 2` has them, at moments drawn
beforehand with exponential gaps. The class is that of `benchmarks.again`: the reference, the author's mistakes and alternatives in
turn, each file different. Answers that take more than three times the median are left out: a handful of them would decide a mean
wait by chance (`--slow` keeps them). What is done, several times over:

1. *Measuring*: only what each grading takes is kept, as the journal keeps it (`Report.seconds`). Two gradings at once take longer
   than one alone, so this is measured under the very load that is to be foretold.
2. *Real run*: from handing in to the result, by the clock, at other moments.
3. *Simulation*: those moments again, with gradings drawn from step 1 alone, and many times over, since one drawing is as much a
   matter of chance as one real run.

Beside that the real run is *replayed*: its own gradings in their order, which leaves only the queue and the workers to be wrong.

Prints both mean waits until the result and both mean times in the queue, and their ratios; ends with 1 when a ratio is off by more
than 15 %. Without a free machine it measures the neighbours: `chrt -r 5` as root gives it priority, and a pair of runs between
which the mean grading changed by more than 10 % is left out, and said.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import nbformat
import numpy as np
from numpy.typing import NDArray

from autograder.course import Course
from autograder.engine import Engine
from autograder.planning.simulation import Workers, simulate
from autograder.variants import alternatives, mistakes

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
DRAWINGS = 400
WANTED = 0.15
STEADY = 0.1
"""By how much of it the mean grading may change between measuring and the real run."""


@dataclass(frozen=True)
class Played:
    """One run; arrays are (submission,) in seconds."""

    due: NDArray[np.float64]
    """When each submission was to be handed in."""
    queued: NDArray[np.float64]
    """From then until a worker took it."""
    waited: NDArray[np.float64]
    """From then until its result."""
    seconds: NDArray[np.float64]
    """What its report says that it took."""


def main() -> int:
    """Measure, play, simulate, compare."""
    parser = argparse.ArgumentParser(description="The simulation against real runs; see the top of this file.")
    parser.add_argument("--assignment", default="01_mse", metavar="NAME")
    parser.add_argument("--slow", action="store_true", help="keep answers that take more than three times the median")
    parser.add_argument("--submissions", type=int, default=40, metavar="N", help="of each run")
    parser.add_argument(
        "--pairs", type=int, default=4, metavar="N", help="measuring and real runs, without those left out"
    )
    parser.add_argument(
        "--load", type=float, default=0.8, metavar="X", help="share of their time that both workers are busy"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments and the drawings")
    options = parser.parse_args()
    with Engine(Course.load(ROOT)) as engine:
        engine.warm([options.assignment])
        answers = all_answers(engine, options.assignment)
        # The first gradings fill caches; then each answer once, both workers busy, tells how fast they must come for this load.
        tried = make_class(engine, options.assignment, answers, len(answers))
        play(engine, options.assignment, tried[:4], np.zeros(4))
        seconds = play(engine, options.assignment, tried, np.zeros(len(tried))).seconds
        kept = np.full(len(answers), True) if options.slow else seconds <= 3 * np.median(seconds)
        answers = [answer for answer, keep in zip(answers, kept, strict=True) if keep]
        rate = WORKERS * options.load / seconds[kept].mean()
        notebooks = make_class(engine, options.assignment, answers, options.submissions)
        print(
            f"{options.assignment}: {kept.sum()} of {kept.size} answers, {seconds[kept].mean():.3f} s each if all come at once"
        )
        pairs: list[Pair] = []
        for number in range(2 * options.pairs):
            random = np.random.default_rng([options.seed, number])
            measured, real = (
                play(engine, options.assignment, notebooks, moments(random, rate, options.submissions))
                for _ in range(2)
            )
            pair = Pair(real, measured.seconds, options.seed + number)
            print(
                f"  {number + 1}: {pair.line()}{'' if pair.steady else '; left out: the machine changed'}", flush=True
            )
            if pair.steady:
                pairs.append(pair)
            if len(pairs) == options.pairs:
                break
    if not pairs:
        sys.exit("simulation: the machine was never steady; try again when it has nothing else to do")
    fine = True
    for words, real_means, simulated_means in (
        ("until the result", [each.real.waited.mean() for each in pairs], [each.waited for each in pairs]),
        ("in the queue", [each.real.queued.mean() for each in pairs], [each.queued for each in pairs]),
    ):
        expected, found = np.mean(real_means), np.mean(simulated_means)
        print(f"mean wait {words}: measured {expected:.3f} s, simulated {found:.3f} s, ratio {found / expected:.3f}")
        fine = fine and abs(found / expected - 1) <= WANTED
    print(f"load average {os.getloadavg()[0]:.1f}")
    return 0 if fine else 1


class Pair:
    """A real run beside simulations of it by gradings that were measured before."""

    def __init__(self, real: Played, gradings: NDArray[np.float64], seed: int) -> None:
        self.real, self.gradings = real, gradings
        random = np.random.default_rng([seed, 1000])
        drawn = [simulate(real.due, random.choice(gradings, real.due.size), Workers(WORKERS)) for _ in range(DRAWINGS)]
        self.queued = np.array([one.queued.mean() for one in drawn])
        self.waited = np.array([one.waited.mean() for one in drawn])
        self.replayed = float(simulate(real.due, real.seconds, Workers(WORKERS)).waited.mean())

    @property
    def steady(self) -> bool:
        """Whether gradings took in the real run what they had taken before; else it is the machine that differs."""
        return bool(abs(self.real.seconds.mean() / self.gradings.mean() - 1) <= STEADY)

    def line(self) -> str:
        """What was measured, what was waited, and what the simulations say, with their standard deviation."""
        real = self.real
        busy = real.seconds.sum() / WORKERS / (real.due + real.waited).max()
        return (
            f"measured {self.gradings.mean():.3f} s each; then {real.seconds.mean():.3f} s, {busy:.0%} busy; "
            f"waited {real.waited.mean():.3f} s, simulated {self.waited.mean():.3f} ± {self.waited.std():.3f}, "
            f"replayed {self.replayed:.3f}; "
            f"in the queue {real.queued.mean():.3f} s, simulated {self.queued.mean():.3f} ± {self.queued.std():.3f}"
        )


def moments(random: np.random.Generator, rate: float, count: int) -> NDArray[np.float64]:
    """(submission,) seconds, `rate` of them each second."""
    gaps = random.exponential(size=count)
    # Scaled, so that chance decides how they come, but not what the load is.
    return np.cumsum(gaps) / gaps.mean() / rate


def all_answers(engine: Engine, name: str) -> list[dict[str, str]]:
    """The reference, the mistakes and the alternatives: by task, what is answered otherwise."""
    assignment = engine.course.assignment(name)
    return [{}, *({each.task: each.source} for each in (*mistakes(assignment), *alternatives(assignment)))]


def make_class(engine: Engine, name: str, answers: list[dict[str, str]], count: int) -> list[bytes]:
    """Notebooks with these answers in turn, of which no two are equal."""
    template = engine.template(name, engine.course.language)
    made = []
    for number, answer in enumerate(islice(cycle(answers), count)):
        notebook = template.reference(answer)
        cell = next(cell for cell in notebook.cells if cell.metadata["autograder"]["role"] == "task")
        cell.source += f"\n# student {number}"
        made.append(nbformat.writes(notebook).encode())
    return made


def play(engine: Engine, name: str, notebooks: list[bytes], due: NDArray[np.float64]) -> Played:
    """Hand in each notebook when it is due, to workers that take them in that order."""
    started = time.monotonic()

    def grade(data: bytes) -> tuple[float, float, float]:
        begun = time.monotonic() - started
        report = engine.grade(data, name)
        if report.faults:
            sys.exit(f"simulation: a submission could not be judged: {report.faults[0]}")
        return begun, time.monotonic() - started, report.seconds

    with ThreadPoolExecutor(WORKERS) as workers:
        futures = []
        for data, at in zip(notebooks, due, strict=True):
            time.sleep(max(0.0, at - (time.monotonic() - started)))
            futures.append(workers.submit(grade, data))
        begun, finished, seconds = np.array([future.result() for future in futures]).T
    return Played(due, begun - due, finished - due, seconds)


if __name__ == "__main__":
    sys.exit(main())
