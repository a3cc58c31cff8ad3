"""The command line: reads options, calls the library, turns its errors into one line.

Nothing but click is imported before a command runs, so `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.commands.plan import plan
from autograder.commands.platforms import platforms
from autograder.commands.worker import cluster_options, worker
from autograder.errors import AutograderError, UsageError
from autograder.text import LANGUAGES, Language

if TYPE_CHECKING:
    from autograder.cluster import Place
    from autograder.course import Course
    from autograder.gradescope import Visibility
    from autograder.quiz import Quiz

DONE, NOT_GRADED, USAGE, INTERRUPTED = 0, 1, 2, 130

_LARGEST = 64 << 20
"""Bytes read of a notebook whose hash is compared; more than any that is graded."""

_course_option = click.option(
    "--course", "course_dir", type=click.Path(path_type=Path), help="Folder of the course; by default here or above."
)
_language_option = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), help="Language of what students read; by default the course's."
)
_jobs_option = click.option(
    "--jobs", type=click.IntRange(1), help="Submissions at the same time; by default what cores and memory allow."
)
_fresh_option = click.option(
    "--fresh", is_flag=True, help="Grade everything again, also what has been graded before and not changed."
)
_sandbox_option = click.option(
    "--no-sandbox", is_flag=True, help="Run student code WITHOUT walls. Only for code you trust; every report says so."
)


def _assignments(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion: the assignments of the course here, or of the one that `--course` names."""
    from autograder.course import Course

    try:
        names = Course.load(context.params.get("course_dir")).names
    except AutograderError:
        return []
    return [name for name in names if name.startswith(typed)]


_names_argument = click.argument("names", nargs=-1, shell_complete=_assignments)
_assignment_option = click.option(
    "--assignment",
    metavar="NAME",
    shell_complete=_assignments,
    help="The assignment, when names and notebooks do not say it.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autograder")
def cli() -> None:
    """Grade deep-learning notebooks: student code and hidden tests never share a process."""


@cli.command()
@_names_argument
@click.option("--check", is_flag=True, help="Write nothing; fail when what is in assignments/ is stale.")
@_course_option
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
@click.argument("name", shell_complete=_assignments)
@_language_option
@_course_option
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
@_assignment_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Results.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the reports to this file.")
@_jobs_option
@_fresh_option
@click.option("--dry-run", is_flag=True, help="Grade and print who gains and who loses, but record nothing.")
@cluster_options
@_language_option
@_sandbox_option
@_course_option
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
@_jobs_option
@_fresh_option
@click.option("--dry-run", is_flag=True, help="Grade and print who gets what, but write and record nothing.")
@cluster_options
@_language_option
@_sandbox_option
@_course_option
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
@_language_option
@_course_option
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
@_assignment_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("similar.html"), show_default=True, help="Page.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Overlap from which a pair is shown.",
)
@_language_option
@_course_option
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
@click.option(
    "--dev", is_flag=True, help="No LMS: a page to sign in as anybody, on loopback only, with a made-up class."
)
@click.option(
    "--demo", is_flag=True, help="Like --dev, and the class has handed in: its marks come as they are graded."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@_jobs_option
@_sandbox_option
@_course_option
def serve(
    dev: bool, demo: bool, host: str, port: int, jobs: int | None, no_sandbox: bool, course_dir: Path | None
) -> None:
    """Let students hand in from their LMS (LTI 1.3) and send marks back there; pages and grading, until Ctrl-C.

    AUTOGRADER_URL is the https address that browsers use; AUTOGRADER_DATA the folder of uploads, keys and database;
    AUTOGRADER_DATABASE another database (postgresql://…); AUTOGRADER_WORKERS how many workers grade here; AUTOGRADER_ZONE the
    time zone of dates, like Europe/Madrid; AUTOGRADER_PROXIES the reverse proxies to be believed. docs/deploy.md has them all.
    """
    from autograder.course import Course
    from autograder.serve.launcher import run
    from autograder.serve.settings import Settings

    course = Course.load(course_dir)
    settings = Settings.read(course.root, host=host, port=port, dev=dev or demo, sandbox=not no_sandbox, jobs=jobs)
    run(course, settings, host, port, demo=demo)


@cli.command()
@_names_argument
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
@_language_option
@_sandbox_option
@_course_option
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
@_names_argument
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True, help="Runs of the reference.")
@click.option(
    "--device",
    type=click.Choice(("cpu", "gpu")),
    help="Where everything is computed; by default where the course says.",
)
@_jobs_option
@_course_option
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
@_jobs_option
@cluster_options
@_language_option
@_course_option
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
@_language_option
@_course_option
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


@cli.group()
def quiz() -> None:
    """Check quiz banks, look at them, and write them for an LMS."""


@quiz.command("check")
@_names_argument
@click.option("--seeds", type=click.IntRange(1), help="Draws of each parameterised question; 100 by default.")
@_course_option
def quiz_check(names: tuple[str, ...], seeds: int | None, course_dir: Path | None) -> None:
    """Read banks and try their parameterised questions under many seeds.

    Prints a line per bank, or what is wrong with its line; ends with 1 when something is.
    """
    from autograder import quiz
    from autograder.course import Course
    from autograder.errors import CourseError

    fine = True
    for assignment in quiz.with_bank(Course.load(course_dir), names):
        try:
            bank = quiz.load(assignment)
        except CourseError as error:
            click.echo(str(error), err=True)
            fine = False
            continue
        findings = quiz.check(bank, seeds or quiz.SEEDS)
        faults = [finding.fault for finding in findings if finding.fault]
        for fault in faults:
            click.echo(fault, err=True)
        fine = fine and not faults
        if not faults:
            click.echo(quiz.summary(bank, findings))
    sys.exit(DONE if fine else NOT_GRADED)


_file_option = click.option("--out", "file", type=click.Path(path_type=Path), required=True, help="The file to write.")
_seed_option = click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The first draw.")


def _variants_option(default: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--variants",
        type=click.IntRange(1, 200),
        default=default,
        show_default=True,
        help="Different draws of each parameterised question.",
    )


def _quizzes(
    course: Course, names: tuple[str, ...], language: Language | None, seed: int, variants: int
) -> tuple[Quiz, ...]:
    from autograder import quiz

    found = quiz.banks(course, names)
    if not found:
        raise UsageError(f"No assignment of {course.root} has a quiz bank: write solutions/NAME/{quiz.FILE}.")
    return tuple(quiz.quiz(bank, language or course.language, seed, variants) for bank in found)


@quiz.command("export")
@_names_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["moodle-xml", "gift", "canvas-qti", "qti21", "cc11"]),
    required=True,
    help="What the LMS reads.",
)
@_file_option
@_seed_option
@_variants_option(1)
@_language_option
@_course_option
def quiz_export(
    names: tuple[str, ...],
    form: str,
    file: Path,
    seed: int,
    variants: int,
    language: Language | None,
    course_dir: Path | None,
) -> None:
    """Write banks into one file for an LMS, in one language; all banks, when none is named.

    Says of each question what the format cannot carry, in the language of the file.
    """
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.formats import FORMATS

    course = Course.load(course_dir)
    quizzes = _quizzes(course, names, language, seed, variants)
    export = FORMATS[form](quizzes, course.id)
    write_atomically(file, export.content)
    for line in export.account(form, language or course.language):
        click.echo(line, err=True)
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions of {len(quizzes)} banks in {file}.")


@quiz.command("preview")
@_names_argument
@_file_option
@_seed_option
@_variants_option(3)
@_language_option
@_course_option
def quiz_preview(
    names: tuple[str, ...], file: Path, seed: int, variants: int, language: Language | None, course_dir: Path | None
) -> None:
    """Write banks as one page to proof-read: every answer with what it is worth, its feedback and its mistake."""
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.pages import preview

    quizzes = _quizzes(Course.load(course_dir), names, language, seed, variants)
    write_atomically(file, preview(quizzes))
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions in {file}.")


@quiz.command("sheet")
@_names_argument
@_file_option
@_seed_option
@_language_option
@_course_option
def quiz_sheet(
    names: tuple[str, ...], file: Path, seed: int, language: Language | None, course_dir: Path | None
) -> None:
    """Write banks as a sheet to print: the questions, then the answers on a page of their own."""
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.pages import sheet

    quizzes = _quizzes(Course.load(course_dir), names, language, seed, 1)
    write_atomically(file, sheet(quizzes))
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions in {file}.")


cli.add_command(plan)
cli.add_command(platforms)
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
