"""The command line: reads options, calls the library, turns its errors into one line.

Nothing but click is imported before a command runs, so `--help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.commands.codes import DONE, INTERRUPTED, NOT_GRADED, USAGE
from autograder.commands.options import (
    assignment_option,
    assignments,
    course_option,
    fresh_option,
    jobs_option,
    language_option,
    names_argument,
    sandbox_option,
)
from autograder.commands.plan import plan
from autograder.commands.platforms import platforms
from autograder.commands.quiz import quiz
from autograder.commands.serve import serve
from autograder.commands.worker import cluster_options, worker
from autograder.errors import AutograderError, UsageError
from autograder.text import LANGUAGES, Language

if TYPE_CHECKING:
    from autograder.cluster import Place
    from autograder.gradescope import Visibility

_LARGEST = 64 << 20
"""Bytes read of a notebook whose hash is compared; more than any that is graded."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autograder")
def cli() -> None:
    """Grade deep-learning notebooks: student code and hidden tests never share a process."""


@cli.command()
@names_argument
@click.option("--check", is_flag=True, help="Write nothing; fail when what is in assignments/ is stale.")
@course_option
def build(names: tuple[str, ...], check: bool, course_dir: Path | None) -> None:
    """Make the notebooks that students receive from solutions/."""
    from autograder.authoring import plan, stale, write
    from autograder.course import Course

    course = Course.load(course_dir)
    releases = plan(course, names)
    if not check:
        write(releases)
        click.echo(f"{len(releases)} notebooks written under {course.root / 'assignments'}.")
        return
    old = stale(course, releases)
    for path in old:
        click.echo(f"stale: {path}", err=True)
    if old:
        raise click.ClickException("what is committed differs from its source; run `autograder build`.")
    click.echo(f"{len(releases)} notebooks are fresh.")


@cli.command()
@click.argument("name", shell_complete=assignments)
@language_option
@course_option
def watch(name: str, language: Language | None, course_dir: Path | None) -> None:
    """Build an assignment and grade its own solution, now and whenever its folder changes; for authors, until Ctrl-C."""
    from contextlib import suppress

    from autograder.course import Course
    from autograder.watching import watch

    course = Course.load(course_dir)
    with suppress(KeyboardInterrupt):
        watch(course, name, language or course.language, click.echo)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@assignment_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Results.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the reports to this file.")
@jobs_option
@fresh_option
@click.option("--dry-run", is_flag=True, help="Grade and print who gains and who loses, but record nothing.")
@cluster_options
@language_option
@sandbox_option
@course_option
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    out: Path,
    json_file: Path | None,
    jobs: int | None,
    fresh: bool,
    dry_run: bool,
    language: Language | None,
    no_sandbox: bool,
    course_dir: Path | None,
    place: Place | None,
) -> None:
    """Grade notebooks, folders of them or LMS zips; write feedback pages, receipts and the gradebook.

    What has been graded before into the same --out and has not changed is not graded again: after a crash or an interruption
    the same command goes on.
    """
    from autograder import terminal
    from autograder.course import Course
    from autograder.files import held
    from autograder.intake import collect

    course = Course.load(course_dir)
    if assignment is not None:
        course.assignment(assignment)
    handed = collect(paths, course.names, assignment)
    with held(course.root):
        reports = terminal.grade(
            course,
            handed,
            out=out,
            key_folder=course.root,
            json_file=json_file,
            jobs=jobs,
            sandbox=not no_sandbox,
            language=language or course.language,
            fresh=fresh,
            dry_run=dry_run,
            place=place,
        )
    sys.exit(NOT_GRADED if any(report.status != "graded" for report in reports) else DONE)


@cli.command()
@click.option(
    "--zip", "submissions", type=click.Path(path_type=Path), required=True, help="The submissions, as Moodle zips them."
)
@click.option("--worksheet", type=click.Path(path_type=Path), required=True, help="Moodle's offline grading worksheet.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Where both files to upload and results go."
)
@click.option("--assignment", metavar="NAME", help="The assignment, when the notebooks do not say it.")
@click.option("--overwrite", is_flag=True, help="Also replace marks and comments that the worksheet holds already.")
@jobs_option
@fresh_option
@click.option("--dry-run", is_flag=True, help="Grade and print who gets what, but write and record nothing.")
@cluster_options
@language_option
@sandbox_option
@course_option
def moodle(
    submissions: Path,
    worksheet: Path,
    out: Path,
    assignment: str | None,
    overwrite: bool,
    jobs: int | None,
    fresh: bool,
    dry_run: bool,
    language: Language | None,
    no_sandbox: bool,
    course_dir: Path | None,
    place: Place | None,
) -> None:
    """Grade what Moodle gives a teacher, and fill in its worksheet and a feedback zip, ready to upload.

    Prints who gets what before anything is written. Marks that a person gave in Moodle are left alone.
    """
    from autograder import lms
    from autograder.course import Course

    course = Course.load(course_dir)
    reports = lms.fill_worksheet(
        course,
        submissions,
        worksheet,
        out=out,
        assignment=assignment,
        overwrite=overwrite,
        dry_run=dry_run,
        language=language or course.language,
        grading=lms.Grading(jobs=jobs, sandbox=not no_sandbox, fresh=fresh, place=place),
    )
    sys.exit(NOT_GRADED if any(report.status != "graded" for report in reports) else DONE)


@cli.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "moodle-csv", "canvas-csv"]),
    required=True,
    help="Plain CSV, or the file of an LMS.",
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Results.")
@click.option(
    "--from", "source", type=click.Path(path_type=Path), help="The file that the LMS exported, to be filled in."
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="The file to write; by default one in OUT/export."
)
@click.option("--assignment", metavar="NAME", help="Only this assignment.")
@click.option(
    "--column", metavar="HEADER", help="The assignment's column in Canvas's gradebook, when names do not say it."
)
@click.option("--overwrite", is_flag=True, help="Also replace marks and comments that the file holds already.")
@click.option("--dry-run", is_flag=True, help="Print who gets what, but write nothing.")
@language_option
@course_option
def export(
    form: str,
    out: Path,
    source: Path | None,
    target: Path | None,
    assignment: str | None,
    column: str | None,
    overwrite: bool,
    dry_run: bool,
    language: Language | None,
    course_dir: Path | None,
) -> None:
    """Bring recorded results into the file that an LMS exported, or into a plain CSV file.

    Marks are those of the gradebook, with what teachers changed there. Prints who gets what before anything is written.
    """
    from autograder import lms
    from autograder.course import Course

    course = Course.load(course_dir)
    asked = lms.Export(
        form=form,
        results=out,
        source=source,
        target=target,
        assignment=assignment,
        column=column,
        overwrite=overwrite,
        dry_run=dry_run,
        language=language or course.language,
    )
    lms.export(course, asked)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@assignment_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("similar.html"), show_default=True, help="Page.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Overlap from which a pair is shown.",
)
@language_option
@course_option
def similar(
    paths: tuple[Path, ...],
    assignment: str | None,
    out: Path,
    threshold: float,
    language: Language | None,
    course_dir: Path | None,
) -> None:
    """Show which answers of a class are alike, side by side; it runs nothing and accuses nobody.

    Takes what `grade` takes. Released code, names, spaces and comments do not count, nor does what a good part of the class wrote.
    """
    from rich.console import Console

    from autograder import similarity
    from autograder.authoring import read_template
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.intake import collect

    course = Course.load(course_dir)
    if assignment is not None:
        course.assignment(assignment)
    language = language or course.language
    answers, unread = similarity.gather(course, collect(paths, course.names, assignment))
    names = sorted({one.assignment for one in answers})
    found = [
        similarity.compare(
            [one for one in answers if one.assignment == name], similarity.stubs(course, name), threshold
        )
        for name in names
    ]
    titles = {name: read_template(course.assignment(name), language).title for name in names}
    html = similarity.page(found, unread, language, threshold=threshold, course=course.id, titles=titles)
    write_atomically(out, html)
    Console().print(similarity.table(found, unread, language))
    click.echo(f"Side by side: {out}")


@cli.command()
@names_argument
@click.option("--out", "file", type=click.Path(path_type=Path), required=True, help="The zip to write.")
@click.option(
    "--visibility",
    type=click.Choice(["visible", "after_due_date", "after_published"]),
    default="visible",
    show_default=True,
    help="When students see the checks.",
)
@click.option(
    "--minutes",
    type=click.IntRange(2, 40),
    default=10,
    show_default=True,
    help="The timeout that Gradescope's settings give a submission.",
)
@language_option
@sandbox_option
@course_option
def gradescope(
    names: tuple[str, ...],
    file: Path,
    visibility: Visibility,
    minutes: int,
    language: Language | None,
    no_sandbox: bool,
    course_dir: Path | None,
) -> None:
    """Make the autograder zip of an assignment for Gradescope, whose container then runs this engine.

    With several assignments, or all of them when none is named, each notebook says which one it is of.
    """
    from autograder.authoring import read_template
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.gradescope import Choices, pack

    course = Course.load(course_dir)
    chosen = course.select(names)
    choices = Choices(language or course.language, visibility, minutes, sandbox=not no_sandbox)
    data = pack(course, chosen, choices)
    write_atomically(file, data)
    if no_sandbox:
        click.echo("NO SANDBOX: in Gradescope's container student code will run with all rights.", err=True)
    points = sorted({f"{sum(read_template(one, choices.language).points.values()):g}" for one in chosen})
    click.echo(
        f"{file}: {', '.join(one.name for one in chosen)}; {len(data) >> 10} KiB, {' or '.join(points)} autograder points. "
        "It holds hidden graders and solutions: give it to nobody but Gradescope."
    )


@cli.command()
@names_argument
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True, help="Runs of the reference.")
@click.option(
    "--device",
    type=click.Choice(("cpu", "gpu")),
    help="Where everything is computed; by default where the course says.",
)
@jobs_option
@course_option
def calibrate(
    names: tuple[str, ...],
    seeds: int,
    device: Literal["cpu", "gpu"] | None,
    jobs: int | None,
    course_dir: Path | None,
) -> None:
    """Prove graders fair: the reference under many seeds, the stub, known mistakes and alternatives.

    Prints a table per assignment and keeps it in the assignment's folder. Ends with 1 when a grader is not fair.
    """
    from concurrent.futures import ThreadPoolExecutor

    from autograder import calibration
    from autograder.course import Course
    from autograder.devices import THIS_MACHINE
    from autograder.engine import Engine
    from autograder.files import write_atomically
    from autograder.machine import default_jobs
    from autograder.terminal import progress

    course = Course.load(course_dir)
    if device == "gpu" and not THIS_MACHINE.cards():
        raise UsageError("There is no GPU that may be used here; `autograder doctor` tells what was found.")
    course = course.computed_on(device) if device else course
    chosen = course.select(names)
    fair = True
    with (
        Engine(course) as engine,
        ThreadPoolExecutor(jobs or default_jobs(course.largest_memory)) as executor,
        progress() as bars,
    ):
        for assignment in chosen:
            bar = bars.add_task(assignment.name, total=calibration.gradings(assignment, seeds))
            found = calibration.calibrate(engine, assignment, seeds, executor, lambda bar=bar: bars.advance(bar))  # type: ignore[misc]
            table = calibration.render(found)
            click.echo(table)
            write_atomically(assignment.folder / calibration.file_name(found), table)
            fair = fair and found.fair
    sys.exit(DONE if fair else NOT_GRADED)


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Results.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the reports to this file.")
@jobs_option
@cluster_options
@language_option
@course_option
def demo(
    out: Path,
    json_file: Path | None,
    jobs: int | None,
    language: Language | None,
    course_dir: Path | None,
    place: Place | None,
) -> None:
    """Grade a class that comes with the course: right, wrong, broken and hostile submissions."""
    from dataclasses import replace

    from autograder import terminal
    from autograder.course import Course
    from autograder.demo import make_class, surprises
    from autograder.intake import collect

    course = Course.load(course_dir)
    folder = out / "submitted"
    expected = make_class(course, folder)
    click.echo(f"{len(expected)} submissions made in {folder}; grading them as `autograder grade {folder}` would.")
    course = replace(course, gradebook=f"sqlite:///{(out / 'gradebook.db').resolve()}")
    # A key and a journal of its own, and nothing taken from an earlier run: the class is graded live.
    reports = terminal.grade(
        course,
        collect([folder], course.names, None),
        out=out,
        key_folder=out,
        json_file=json_file,
        jobs=jobs,
        sandbox=True,
        language=language or course.language,
        fresh=True,
        place=place,
    )
    if found := surprises(expected, reports):
        for line in found:
            click.echo(line, err=True)
        sys.exit(NOT_GRADED)
    click.echo("Every mark is the one that the class was made for.")


@cli.command()
@click.option("--fast", is_flag=True, help="Try the walls only; start no library.")
@language_option
@course_option
def doctor(fast: bool, language: Language | None, course_dir: Path | None) -> None:
    """Say in plain words what holds on this machine: walls, libraries, course."""
    from autograder.doctor import diagnose, verdict

    findings = diagnose(course_dir, fast=fast)
    for finding in findings:
        click.echo(finding.line(language or "en"))
    click.echo(verdict(findings).to(language or "en"))
    sys.exit(DONE if all(finding.fine or not finding.needed for finding in findings) else NOT_GRADED)


@cli.group()
def kernel() -> None:
    """The kernel "Walled Python (warm)" for any Jupyter client: JupyterLab, nbclient, papermill."""


@kernel.command()
@click.option("--user", is_flag=True, help="For all Jupyter installations of this user.")
@click.option(
    "--prefix", type=click.Path(path_type=Path), help="Under PREFIX/share/jupyter; by default this environment."
)
@click.option("--preload", metavar="MODULES", help="Import these before the first kernel, separated by commas.")
def install(user: bool, prefix: Path | None, preload: str | None) -> None:
    """Install the kernelspec; `jupyter kernelspec remove walled-python` takes it away again."""
    from autograder.kernel.provisioner import install_kernelspec

    if user and prefix is not None:
        raise UsageError("--user and --prefix both say where the kernelspec goes: give one of them.")
    modules = None if preload is None else [name.strip() for name in preload.split(",") if name.strip()]
    folder = install_kernelspec(None if user else str(prefix or sys.prefix), user=user, preload=modules)
    click.echo(f"Walled Python (warm) is installed; limits and imports are set in {Path(folder) / 'kernel.json'}.")


@cli.command()
@click.argument("file", metavar="[RECEIPT.json]", required=False, type=click.Path(path_type=Path))
@click.argument("notebook", metavar="[NOTEBOOK.ipynb]", required=False, type=click.Path(path_type=Path))
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="The course's public key, receipt-key.pub.")
@click.option("--fingerprint", "digits", metavar="HEX", help="Or the fingerprint that the course publishes.")
@click.option("--course", "course_dir", type=click.Path(path_type=Path), help="Or the folder of the course.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
def receipt(
    file: Path | None,
    notebook: Path | None,
    key_file: Path | None,
    digits: str | None,
    course_dir: Path | None,
    language: Language,
) -> None:
    """Check a signed receipt offline: that the course issued it, unaltered, and for this very notebook.

    Ends with 0 only when that is proven, which takes the course's key. Without a receipt, shows a key's fingerprint.
    """
    from autograder import keys, receipts

    given = {"--key": key_file, "--fingerprint": digits, "--course": course_dir}
    named = [option for option, value in given.items() if value is not None]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} both say which key is the course's: give one of them.")
    if course_dir is not None:
        key_file = keys.public_path(keys.private_path(course_dir))
    public = keys.read_public(key_file) if key_file else None
    if file is None:
        if public is None:
            raise UsageError("Name a receipt, or a key with --key or --course to see its fingerprint.")
        click.echo(keys.fingerprint(public))
        return
    verdict = receipts.check(
        _bytes_of(file, receipts.MAX_BYTES),
        notebook=_bytes_of(notebook, _LARGEST) if notebook else None,
        public_key=public,
        digits=keys.read_fingerprint(digits) if digits is not None else None,
    )
    for line in verdict.lines(language):
        click.echo(line)
    sys.exit(DONE if verdict.validity is receipts.Validity.VALID else NOT_GRADED)


cli.add_command(plan)
cli.add_command(platforms)
cli.add_command(quiz)
cli.add_command(serve)
cli.add_command(worker)


def _bytes_of(path: Path, cap: int) -> bytes:
    from autograder.feedback import plain
    from autograder.files import read_regular

    try:
        return read_regular(path, cap)[0]
    except OSError as error:
        raise UsageError(f"{plain(str(path))} could not be read ({error.strerror}).") from error


def main() -> None:
    """Entry point: one line per error, and exit codes that batch scripts can act on."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted: what is graded stays; give the same command again to go on.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AutograderError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(USAGE if isinstance(error, UsageError) else NOT_GRADED)


if __name__ == "__main__":
    main()
