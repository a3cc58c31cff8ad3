"""From Moodle's zip of submissions and its worksheet to who gets what: decided here, written elsewhere.

Both files name a participant by the same number, Moodle's own for this assignment. So names only ever serve to be shown, and
groups, anonymous marking and two students of one name change nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from autograder.course import Course
from autograder.errors import SubmissionRejected, UsageError
from autograder.intake import Handed, apart, identify, read
from autograder.intake.names import NAMELESS, clean
from autograder.lms import comment
from autograder.lms.lines import Fate, Line, Matched, matched, settled
from autograder.lms.results import NOTHING, Result
from autograder.lms.scores import scaled
from autograder.lms.worksheet import Row, Worksheet, folded
from autograder.records import Status
from autograder.text import Language, Text

_NO_NUMBER = Text(
    es="El archivo no lleva un número de participante de Moodle",
    en="The file carries no participant's number of Moodle",
)
_NO_REMARKS: Mapping[int, Text] = MappingProxyType({})


@dataclass(frozen=True)
class Pairing:
    """What was handed in, by the worksheet's rows."""

    handed: tuple[Handed, ...]
    """One per row that has a submission, called as the worksheet calls the student, and told apart."""
    rows: tuple[Row, ...]
    """The row of each of `handed`."""
    folders: tuple[str, ...]
    """The folder in the feedback zip of each of `handed`."""
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
    returned: frozenset[int]
    """The rows whose student gets the feedback page as well."""


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
            mine[number] = one
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
    called = [replace(one, student=clean(rows[number].name) or NAMELESS) for number, one in mine.items()]
    paired = apart(called)
    numbers = [int(one.participant or 0) for one in paired]
    return Pairing(
        handed=paired,
        rows=tuple(rows[number] for number in numbers),
        folders=tuple(folder(mine[number].student.removesuffix(f" ({number})"), number) for number in numbers),
        strangers=tuple(strangers),
        missing=tuple(row for row in worksheet.rows if row.number not in mine),
    )


def plan(
    worksheet: Worksheet, pairing: Pairing, results: Sequence[Result], *, overwrite: bool, language: Language
) -> Plan:
    """Who gets what, `results` being those of `pairing.handed`, in its order."""
    chosen = (one.problem if one.problem and one.data is not None else NOTHING for one in pairing.handed)
    found = tuple(zip(pairing.rows, results, strict=True))
    strangers = tuple(Line(one.student, Fate.STRANGER, remark=_numbered(one)) for one in pairing.strangers)
    remarks = {row.at: remark for row, remark in zip(pairing.rows, chosen, strict=True)}
    match = Matched(found, strangers, frozenset[Row]())
    return decide(worksheet, match, remarks, overwrite=overwrite, language=language)


def by_name(worksheet: Worksheet, results: Iterable[Result]) -> Matched[Row]:
    """The rows of `results`, which know names alone.

    Students of one name were told apart by their number when they were graded: `Ana (123)`.
    """
    rows: dict[str, set[Row]] = {}
    for row in worksheet.rows:
        name = clean(row.name) or NAMELESS
        for key in (folded(name), folded(f"{name} ({row.number})")):
            rows.setdefault(key, set()).add(row)
    return matched((one, frozenset(rows.get(folded(one.student), ()))) for one in results)


def decide(
    worksheet: Worksheet,
    match: Matched[Row],
    remarks: Mapping[int, Text] = _NO_REMARKS,
    *,
    overwrite: bool,
    language: Language,
) -> Plan:
    """What to do with each row; `remarks`, by the row's place in the sheet, are shown beside it.

    A mark that the worksheet holds stays, with its comment, unless `overwrite`; so does a comment beside an empty mark. A result
    that waits for a person gives no mark and returns nothing; a rejected submission gives no mark, but a comment that says why.
    """
    lines = {
        row.at: Line(row.name, match.without(row), row.grade, remark=Text(row.status, row.status))
        for row in worksheet.rows
    }
    changes: dict[tuple[int, int], str] = {}
    returned = set()
    for row, result in match.found:
        line = lines[row.at] = _line(worksheet, row, result, remarks.get(row.at, NOTHING), overwrite)
        gets = line.fate in (Fate.GIVEN, Fate.REPLACED)
        if gets:
            changes[row.at, worksheet.grade_column] = line.after
        if gets or (line.fate is Fate.REJECTED and not row.grade):
            if worksheet.comment_column is not None and (overwrite or not row.comment):
                changes[row.at, worksheet.comment_column] = comment.on(result, language)
            returned.add(row.at)
        elif line.fate is Fate.SAME:
            returned.add(row.at)
    return Plan((*(lines[row.at] for row in worksheet.rows), *match.others), changes, frozenset(returned))


def folder(name: str, number: int) -> str:
    """The folder in the feedback zip whose files Moodle gives to participant `number`, called `name` in the zip of submissions.

    Moodle reads `name_number_plugintype_plugin`, split at underscores, and goes by the number. So the name may be any, as long as
    it holds no underscore, and nothing that makes it two folders or a hidden one.
    """
    name = re.sub(r'[_/\\:*?"<>|]+', " ", name).strip(". ")
    return f"{name or 'Participant'}_{number}_assignsubmission_file"


def _line(worksheet: Worksheet, row: Row, result: Result, remark: Text, overwrite: bool) -> Line:
    if result.status is not Status.GRADED or not result.max_score:
        fate = Fate.REJECTED if result.status is Status.REJECTED else Fate.REVIEW
        return Line(row.name, fate, row.grade, remark=remark + result.reason)
    after = worksheet.style.write(scaled(result.score, result.max_score, row.maximum))
    return Line(row.name, settled(row.grade, after, locked=row.locked, overwrite=overwrite), row.grade, after, remark)


def _numbered(one: Handed) -> Text:
    if one.participant is None:
        return _NO_NUMBER
    return Text(es=f"Participante {one.participant}", en=f"Participant {one.participant}")
