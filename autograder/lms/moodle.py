"""From Moodle's zip of submissions and its worksheet to who gets what: decided here, written elsewhere.

Both files name a participant by the same number, Moodle's own for this assignment. So names only ever serve to be shown, and
groups, anonymous marking and two students of one name change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.course import Course
from autograder.errors import SubmissionRejected, UsageError
from autograder.intake import Handed, apart, identify, read
from autograder.intake.names import NAMELESS, clean
from autograder.lms import comment
from autograder.lms.lines import Fate, Line
from autograder.lms.scores import read_number, scaled
from autograder.lms.worksheet import Row, Worksheet
from autograder.records import Outcome, Report, Status
from autograder.text import Language, Text

_NO_NUMBER = Text(
    es="El archivo no lleva un número de participante de Moodle",
    en="The file carries no participant's number of Moodle",
)
_OPEN = Text(es="Algo no se pudo evaluar automáticamente", en="Something could not be judged automatically")


@dataclass(frozen=True)
class Pairing:
    """What was handed in, by the worksheet's rows."""

    handed: tuple[Handed, ...]
    """One per row that has a submission, called as the worksheet calls the student, and told apart."""
    rows: tuple[Row, ...]
    """The row of each of `handed`."""
    strangers: tuple[Handed, ...]
    """What belongs to no row; it is not graded, since nobody could be given the mark."""
    missing: tuple[Row, ...]
    """Rows without a submission."""


@dataclass(frozen=True)
class Plan:
    """What is going to be written."""

    lines: tuple[Line, ...]
    """One per row of the worksheet, in its order, then the strangers."""
    changes: Mapping[tuple[int, int], str]
    """New values by the worksheet's cells: marks and comments, nothing else."""
    pages: tuple[tuple[str, Report], ...]
    """Folder in the feedback zip, and whose page goes there."""


def said_by(course: Course, handed: Iterable[Handed]) -> str:
    """The assignment that most of `handed` is of, by file names or the notebooks themselves.

    Raises:
        UsageError: no more than half of the notebooks agree, or none says anything.
    """
    from autograder.authoring import read_template

    # One word for each student: who handed in five files has no more to say than others.
    said: dict[tuple[str | None, str], str] = {}
    templates = None
    for one in handed:
        name = one.assignment
        if name is None and one.data is not None:
            templates = templates or [
                read_template(course.assignment(known), course.language) for known in course.names
            ]
            try:
                name = identify(read(one.data), templates)
            except SubmissionRejected:
                continue
        if name is not None:
            said.setdefault((one.participant, one.student), name)
    counts = Counter(said.values()).most_common()
    if not counts:
        raise UsageError("No notebook says which assignment it is of: name it with --assignment.")
    name, times = counts[0]
    if 2 * times <= len(said):
        found = ", ".join(f"{name} ({times})" for name, times in counts)
        raise UsageError(f"The notebooks are of different assignments, {found}: name one with --assignment.")
    return name


def pair(worksheet: Worksheet, handed: Sequence[Handed]) -> Pairing:
    """`handed` by the rows of `worksheet`.

    Raises:
        UsageError: nobody is in both, so the two files are not of one assignment, or the zip is not Moodle's.
    """
    rows = {row.number: row for row in worksheet.rows}
    mine: dict[int, Handed] = {}
    strangers = []
    for one in handed:
        number = int(one.participant) if one.participant else None
        if number is None or number not in rows:
            strangers.append(one)
        # A participant's online text lies in a folder of its own, which may be called otherwise.
        elif number not in mine or mine[number].data is None:
            mine[number] = replace(one, student=clean(rows[number].name) or NAMELESS)
    if not mine:
        if not any(one.participant for one in strangers):
            raise UsageError(
                "No name in the zip carries a participant's number (Ana Ruiz_123_assignsubmission_file): give the zip as Moodle"
                " made it, with «Descargar todas las entregas» or “Download all submissions”."
            )
        raise UsageError(
            f"None of the {len(strangers)} submissions is by one of the {len(rows)} participants of {worksheet.sheet.name}:"
            " download zip and worksheet from the same assignment, and with the same group chosen."
        )
    paired = apart(list(mine.values()))
    of = [rows[int(one.participant or 0)] for one in paired]
    missing = tuple(row for row in worksheet.rows if row.number not in mine)
    return Pairing(paired, tuple(of), tuple(strangers), missing)


def plan(
    worksheet: Worksheet, pairing: Pairing, reports: Sequence[Report], *, overwrite: bool, language: Language
) -> Plan:
    """Who gets what, `reports` being those on `pairing.handed`, in its order.

    A mark that the worksheet holds stays, with its comment, unless `overwrite`; so does a comment beside an empty mark. A report
    with something unjudged gives no mark and no page, for a person still has to look at it; a rejected submission gives no
    mark, but a comment and a page that say why.
    """
    lines: dict[int, Line] = {}
    changes: dict[tuple[int, int], str] = {}
    pages: dict[int, tuple[str, Report]] = {}
    for row, one, report in zip(pairing.rows, pairing.handed, reports, strict=True):
        line = _line(worksheet, row, one, report, overwrite)
        lines[row.at] = line
        if line.fate in (Fate.GIVEN, Fate.REPLACED):
            changes[row.at, worksheet.grade_column] = line.after
        rejected = line.fate is Fate.REJECTED and not row.grade
        writes = line.fate in (Fate.GIVEN, Fate.REPLACED) or rejected
        if writes and worksheet.comment_column is not None and (overwrite or not row.comment):
            changes[row.at, worksheet.comment_column] = _comment(report, language)
        if writes or line.fate is Fate.SAME:
            pages[row.at] = (folder(row), report)
    for row in pairing.missing:
        lines[row.at] = Line(row.name, Fate.MISSING, row.grade, remark=Text(row.status, row.status))
    ordered = [lines[at] for at in sorted(lines)]
    ordered += [Line(one.student, Fate.STRANGER, remark=_numbered(one)) for one in pairing.strangers]
    return Plan(tuple(ordered), changes, tuple(pages[at] for at in sorted(pages)))


def folder(row: Row) -> str:
    """The folder in the feedback zip whose files Moodle gives to this participant.

    Moodle reads `name_number_plugintype_plugin`, split at underscores, and goes by the number. So the name may be any, as long as
    it holds no underscore.
    """
    name = "".join(char if char.isalnum() or char in " -.," else " " for char in clean(row.name))
    return f"{' '.join(name.split()).strip('. ')[:80] or 'Participant'}_{row.number}_assignsubmission_file"


def _line(worksheet: Worksheet, row: Row, one: Handed, report: Report, overwrite: bool) -> Line:
    remark = one.problem if one.problem and one.data is not None else Text("", "")
    if report.status is Status.REJECTED:
        return Line(row.name, Fate.REJECTED, row.grade, remark=remark + (report.reason or _OPEN))
    if report.status is Status.NEEDS_REVIEW:
        return Line(row.name, Fate.REVIEW, row.grade, remark=remark + _why(report))
    after = worksheet.style.write(scaled(report.score, report.max_score, row.maximum))
    if row.grade and read_number(row.grade) == read_number(after):
        fate = Fate.SAME
    elif row.locked:
        fate = Fate.LOCKED
    elif row.grade:
        fate = Fate.REPLACED if overwrite else Fate.KEPT
    else:
        fate = Fate.GIVEN
    return Line(row.name, fate, row.grade, after, remark)


def _why(report: Report) -> Text:
    open_checks = [check for check in report.checks if check.outcome is Outcome.UNJUDGED]
    tasks = ", ".join(dict.fromkeys(check.task for check in open_checks))
    reason = report.reason or _OPEN
    return reason + Text(f"({tasks})", f"({tasks})") if tasks else reason


def _comment(report: Report, language: Language) -> str:
    if report.status is Status.REJECTED:
        return comment.of_reason((report.reason or _OPEN).to(language), language)
    failed = [
        (check.title.to(language), check.message.to(language))
        for check in report.checks
        if check.outcome is Outcome.FAILED
    ]
    return comment.of_score(report.score, report.max_score, failed, language)


def _numbered(one: Handed) -> Text:
    if one.participant is None:
        return _NO_NUMBER
    return Text(es=f"Participante {one.participant}", en=f"Participant {one.participant}")
