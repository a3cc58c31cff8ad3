"""Moodle's offline grading worksheet: which columns it has, whom it lists, which marks it holds already."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from autograder.errors import UsageError
from autograder.intake.listing import shown
from autograder.lms.scores import Style, read_number
from autograder.lms.sheet import Sheet, damaged

# The headers are strings of Moodle's language packs (mod_assign, core), which changed over the versions. Case does not count.
_IDENTIFIER = {"identifier", "identificador"}
_NAME = {"full name", "nombre completo", "nombre"}
_STATUS = {"status", "estado", "estatus"}
_GRADE = {"grade", "calificación"}
_MAXIMUM = {"maximum grade", "calificación máxima", "puntuación máxima"}
_SCALE = {"scale", "escala"}
_CHANGEABLE = {"grade can be changed", "la calificación puede ser cambiada", "la calificación puede cambiarse"}
# Translators have called it by many names; that of the comments to a submission, where there is such a column, says so.
_COMMENT = re.compile(r"(?!.*(?:submission|entrega|envío)).*(?:comment|comentario)")
_SPANISH = {"identificador"}
# Some language packs leave no space between the word and the number.
_PARTICIPANT = re.compile(r"\D*([0-9]{1,18})\s*")
_UNGRADED = {"", "-"}


@dataclass(frozen=True)
class Row:
    """One student of the worksheet."""

    at: int
    """Its row in the sheet."""
    number: int
    """Moodle's number of the participant in this assignment, which names their folder in the zip of submissions."""
    name: str
    """The full name as the file has it; with anonymous marking, `Participant 123` in the file's language."""
    status: str
    """What Moodle says of the submission, in the file's language."""
    grade: str
    """The mark it holds; empty for none."""
    maximum: Decimal
    comment: str
    """The comment it holds, HTML."""
    locked: bool
    """Moodle would not accept a mark: it was overridden or locked in the gradebook."""


@dataclass(frozen=True)
class Worksheet:
    """A worksheet whose columns are known."""

    sheet: Sheet
    rows: tuple[Row, ...]
    grade_column: int
    comment_column: int | None
    """`None` when the assignment takes no feedback comments."""
    style: Style

    @classmethod
    def read(cls, data: bytes, name: str) -> Worksheet:
        """The worksheet in the bytes of the file `name`.

        Raises:
            UsageError: it is no CSV file, no worksheet in Spanish or English, one with a scale instead of marks, or damaged.
        """
        sheet = Sheet.read(data, name)
        identifier = _column(sheet, _IDENTIFIER)
        grade = _column(sheet, _GRADE)
        maximum = _column(sheet, _MAXIMUM)
        if identifier is not None and grade is not None and maximum is None and _column(sheet, _SCALE) is not None:
            raise UsageError(
                f"{sheet.name} asks for words of a scale: let the assignment give points, then download it again."
            )
        if identifier is None or grade is None or maximum is None:
            raise _not_a_worksheet(sheet)
        headers = map(folded, sheet.values(0))
        comment = next((at for at, header in enumerate(headers) if _COMMENT.match(header)), None)
        name_column, status = _column(sheet, _NAME), _column(sheet, _STATUS)
        changeable = _column(sheet, _CHANGEABLE)
        rows: list[Row] = []
        seen: dict[int, int] = {}
        for at in range(1, len(sheet.rows)):
            if sheet.blank(at):
                continue
            label = sheet.value(at, identifier)
            found = _PARTICIPANT.fullmatch(label)
            if found is None:
                raise damaged(
                    sheet.name, at, f"has no participant's number in its first column ({shown(label)[:40]!r})"
                )
            number = int(found[1])
            if number in seen:
                raise damaged(sheet.name, at, f"lists participant {number}, whom row {seen[number] + 1} lists already")
            seen[number] = at
            most = read_number(sheet.value(at, maximum))
            if not most:
                said = shown(sheet.value(at, maximum))[:40]
                raise damaged(sheet.name, at, f"has no maximum grade above zero ({said!r})")
            held = sheet.value(at, grade).strip()
            rows.append(
                Row(
                    at=at,
                    number=number,
                    name=(sheet.value(at, name_column) if name_column is not None else "").strip() or label.strip(),
                    status=sheet.value(at, status).strip() if status is not None else "",
                    grade="" if held in _UNGRADED else held,
                    maximum=most,
                    comment=sheet.value(at, comment).strip() if comment is not None else "",
                    locked=changeable is not None and folded(sheet.value(at, changeable)) == "no",
                )
            )
        if not rows:
            raise UsageError(f"{sheet.name} lists nobody: download it again, without a filter.")
        cells = [sheet.value(row.at, column) for column in (maximum, grade) for row in rows]
        comma = sheet.separator == ";" and folded(sheet.value(0, identifier)) in _SPANISH
        return cls(sheet, tuple(rows), grade, comment, Style.seen_in(cells, comma=comma))


def folded(text: str) -> str:
    """`text` as headers are compared: without a difference in case, in spaces or in how accents are encoded."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _column(sheet: Sheet, names: Collection[str]) -> int | None:
    return next((at for at, header in enumerate(sheet.values(0)) if folded(header) in names), None)


def _not_a_worksheet(sheet: Sheet) -> UsageError:
    headers = ", ".join(shown(header) for header in sheet.values(0)[:12])
    return UsageError(
        f"{sheet.name} is no offline grading worksheet in Spanish or English (its headers are: {headers[:300]}): download it"
        " with «Descargar hoja de calificaciones» or “Download grading worksheet”, with Moodle in one of these languages."
    )
