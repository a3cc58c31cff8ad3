"""`autograder plan`: how many cores a deadline needs."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.codes import DONE, NOT_GRADED
from autograder.errors import UsageError
from autograder.text import LANGUAGES, Language

if TYPE_CHECKING:
    from autograder.planning import Cost, Recorded, Rush, Shape

_POSITIVE = click.FloatRange(0, min_open=True)


def _cores(_context: click.Context, _parameter: click.Parameter, typed: str | None) -> tuple[int, ...]:
    """`2,4,8-10` as numbers."""
    found: set[int] = set()
    for part in typed.split(",") if typed else ():
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise click.BadParameter(f"{part!r} is no number of cores: give them as in 2,4,8-10.")
        found |= set(range(first, last + 1))
    if len(found) > 20:
        raise click.BadParameter(f"these are {len(found)} numbers of cores: give 20 at most.")
    return tuple(sorted(found))


@click.command()
@click.option("--students", type=click.IntRange(1), help="Students who hand in.")
@click.option("--deadline-hours", type=_POSITIVE, help="Hours in which they may hand in, up to the deadline.")
@click.option("--wait-minutes", type=_POSITIVE, default=10, show_default=True, help="How soon results are to come,")
@click.option(
    "--percentile",
    type=click.FloatRange(0, 100, min_open=True),
    default=95,
    show_default=True,
    help="for so many percent of the submissions.",
)
@click.option(
    "--attempts", type=click.FloatRange(1), default=2, show_default=True, help="Submissions a student, on average."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Where `grade` left its journal.",
)
@click.option(
    "--assignment", "names", metavar="NAME", multiple=True, help="What is due; by default all that the journal knows."
)
@click.option("--seconds", type=_POSITIVE, help="What a submission takes, instead of what the journal says.")
@click.option(
    "--rush",
    type=click.Choice(["hyperbolic", "exponential", "even"]),
    default="hyperbolic",
    show_default=True,
    help="How submissions grow towards the deadline.",
)
@click.option(
    "--rush-hours", type=_POSITIVE, default=1, show_default=True, help="The scale of the rush; see docs/planning.md."
)
@click.option(
    "--arrivals", type=click.Path(path_type=Path), help="Times of an earlier deadline, one a line, instead of a model."
)
@click.option(
    "--deadline",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]),
    help="That deadline, where its times are dates.",
)
@click.option(
    "--cores",
    callback=_cores,
    metavar="LIST",
    help="Try these, as in 2,4,8-10; by default the smallest is searched for.",
)
@click.option(
    "--start-seconds",
    type=click.FloatRange(0),
    default=10,
    show_default=True,
    help="From a core's start to its first grading.",
)
@click.option("--failure-hours", type=_POSITIVE, help="A core fails after so long, on average; by default never.")
@click.option(
    "--repair-minutes",
    type=click.FloatRange(0),
    default=10,
    show_default=True,
    help="From a failure to the new start, on average.",
)
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Deadlines to play.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same plan.")
@click.option(
    "--plot", "plot_file", type=click.Path(path_type=Path), help="Also draw the waits around the deadline: a PNG."
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the plan to this file.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
def plan(
    students: int | None,
    deadline_hours: float | None,
    wait_minutes: float,
    percentile: float,
    attempts: float,
    out: Path,
    names: tuple[str, ...],
    seconds: float | None,
    rush: Shape,
    rush_hours: float,
    arrivals: Path | None,
    deadline: datetime | None,
    cores: tuple[int, ...],
    start_seconds: float,
    failure_hours: float | None,
    repair_minutes: float,
    runs: int,
    seed: int,
    plot_file: Path | None,
    json_file: Path | None,
    language: Language,
) -> None:
    """Say how many cores a deadline needs, by what gradings have cost so far.

    Plays deadlines: a rush of submissions, cores that fail if you say so, and grading times as the journal of an earlier class has
    them. A core grades one submission at a time. Ends with 1 when no number of cores is enough.
    """
    import json
    import math

    from rich.console import Console

    from autograder.files import write_atomically
    from autograder.planning import Demand, Target, Workers, advise, telling
    from autograder.planning.plot import plot

    coming = _coming(students, deadline_hours, rush, rush_hours, arrivals, deadline)
    found = advise(
        Demand(coming, _costs(out, names, seconds), students, attempts),
        Target(wait_minutes * 60, percentile),
        Workers(0, start_seconds, failure_hours * 3600 if failure_hours else math.inf, repair_minutes * 60),
        cores=cores,
        runs=runs,
        seed=seed,
    )
    for line in telling.basis(found, language):
        click.echo(line)
    Console().print(telling.table(found, language))
    click.echo(telling.verdict(found, language))
    if plot_file:
        write_atomically(plot_file, plot(found, language))
    if json_file:
        write_atomically(json_file, json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    sys.exit(DONE if found.enough else NOT_GRADED)


def _coming(
    students: int | None,
    hours: float | None,
    rush: Shape,
    scale: float,
    file: Path | None,
    deadline: datetime | None,
) -> Rush | Recorded:
    """When submissions come, once options that go together or clash have been sorted out."""
    from autograder.planning import Rush, read_recorded

    if file is not None:
        if hours is not None:
            raise UsageError("--arrivals and --deadline-hours both say when submissions come: give one of them.")
        return read_recorded(file, deadline)
    if deadline is not None:
        raise UsageError("--deadline is for the dates in a file: give that with --arrivals.")
    if students is None or hours is None:
        raise UsageError("Give --students and --deadline-hours, or the times of an earlier deadline with --arrivals.")
    return Rush(hours, rush, scale)


def _costs(out: Path, names: tuple[str, ...], seconds: float | None) -> tuple[Cost, ...]:
    from autograder.planning import Cost, measured

    if seconds is None:
        return measured(out, names)
    if names:
        raise UsageError("--seconds and --assignment both say what a submission costs: give one of them.")
    return (Cost(None, (seconds,)),)
