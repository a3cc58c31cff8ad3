"""Moodle's worksheet and zip: who gets what, and that nothing else in the teacher's file changes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import lms
from autograder.course import Course
from autograder.errors import EngineError, UsageError
from autograder.intake import collect
from autograder.lms import bundle, comment, moodle
from autograder.lms.errands import read, refuse_to_overwrite
from autograder.lms.lines import Fate, Line, render
from autograder.lms.results import Result
from autograder.lms.scores import Style, read_number, scaled
from autograder.lms.sheet import MAX_BYTES, Sheet, guarded, written
from autograder.lms.worksheet import Worksheet
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.text import Text

SPANISH = (
    "Identificador",
    "Nombre completo",
    "Dirección de correo",
    "Estado",
    "Calificación",
    "Calificación máxima",
    "La calificación puede ser cambiada",
    "Última modificación (entrega)",
    "Última modificación (calificación)",
    "Comentarios de retroalimentación",
)
ENGLISH = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
NOTEBOOK = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
WHEN = "lunes, 5 de octubre de 2026, 10:00"


def sheet(
    *students: tuple[str, ...],
    headers: Sequence[str] = SPANISH,
    separator: str = ",",
    bom: bytes = b"\xef\xbb\xbf",
    most: str = "100,00",
    word: str = "Participante ",
    end: str = "\r\n",
    encoding: str = "utf-8",
) -> bytes:
    """A worksheet as Moodle writes it; a student is number, name and perhaps a mark, a comment, and Sí or No."""
    screen = io.StringIO()
    writer = csv.writer(screen, delimiter=separator, lineterminator=end)
    writer.writerow(headers)
    for number, name, *rest in students:
        mark, said, changeable = (*rest, "", "", "")[:3] if len(rest) < 3 else rest
        row = (f"{word}{number}", name, "x@uni.es", "Enviado", mark, most, changeable or "Sí", WHEN, WHEN, said)
        writer.writerow(row)
    return bom + screen.getvalue().encode(encoding)


def zipped(path: Path, names: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return path


def check(outcome: str, message: str = "Mira `shape`.", title: str = "Da un número.") -> CheckResult:
    return CheckResult("01_mse.a", "mse", Outcome(outcome), 1.0, Text(title, title), Text(message, message))


def report(points: int, *, status: Status = Status.GRADED, reason: Text | None = None, failed: int = 0) -> Report:
    """A report worth `points` of 8."""
    checks = (*[check("passed")] * points, *[check("failed")] * failed)
    return Report("whoever", "01_mse", status, checks, reason=reason, max_score=8.0)


@pytest.fixture
def paired(tmp_path: Path) -> Callable[..., tuple[Worksheet, moodle.Pairing]]:
    """A worksheet and a zip of notebooks by name, brought together."""

    def make(data: bytes, *names: str) -> tuple[Worksheet, moodle.Pairing]:
        path = zipped(tmp_path / "entregas.zip", dict.fromkeys(names, NOTEBOOK))
        worksheet = Worksheet.read(data, "Calificaciones.csv")
        return worksheet, moodle.pair(worksheet, collect([path], ["01_mse", "02_two"], "01_mse"))

    return make


def planned(
    worksheet: Worksheet, pairing: moodle.Pairing, *reports: Report, overwrite: bool = False
) -> tuple[moodle.Plan, list[list[str]]]:
    """The plan for `reports`, in the order of the pairing, and the rows of the worksheet that comes out."""
    results = [Result.of(one, "es") for one in reports]
    plan = moodle.plan(worksheet, pairing, results, overwrite=overwrite, language="es")
    data = worksheet.sheet.with_values(plan.changes).to_bytes()
    text = data.decode("utf-8-sig")
    return plan, list(csv.reader(io.StringIO(text, newline=""), delimiter=worksheet.sheet.separator))


def fates(plan: moodle.Plan) -> list[tuple[str, Fate]]:
    return [(line.student, line.fate) for line in plan.lines]


def folder(name: str, number: int, kind: str = "file", file: str = "01_mse.ipynb") -> str:
    return f"{name}_{number}_assignsubmission_{kind}/{file}"


# --- languages, separators, decimals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "mark"),
    [
        ({}, "87,50"),
        ({"separator": ";", "end": "\n"}, "87,50"),
        ({"separator": "\t", "bom": b"\xff\xfe", "encoding": "utf-16-le"}, "87,50"),
        ({"headers": ENGLISH, "word": "Participant ", "most": "100.00", "bom": b""}, "87.50"),
        ({"headers": [header.upper() for header in ENGLISH], "word": "Participant", "most": "10"}, "8.75"),
        ({"separator": ";", "most": "10"}, "8,75"),
        ({"separator": ";", "most": "10", "headers": ENGLISH}, "8.75"),
        ({"most": "20,000"}, "17,500"),
        ({"bom": b"", "encoding": "cp1252"}, "87,50"),
    ],
    ids=lambda made: made if isinstance(made, str) else " ".join(made) or "plain",
)
def test_a_mark_is_written_in_the_language_and_style_of_the_file(made: dict, mark: str, paired: Callable) -> None:
    data = sheet(("7", "Ana Ruiz Núñez"), ("8", "Luis"), **made)
    worksheet, pairing = paired(data, folder("Ana Ruiz Núñez", 7))
    plan = moodle.plan(worksheet, pairing, [Result.of(report(7), "es")], overwrite=False, language="es")
    after = worksheet.sheet.with_values(plan.changes)
    assert after.value(1, 4) == mark
    assert [after.value(1, at) for at in (0, 1, 2, 3, 5, 6, 7, 8)] == [
        worksheet.sheet.value(1, at) for at in (0, 1, 2, 3, 5, 6, 7, 8)
    ]
    assert after.rows[0] == worksheet.sheet.rows[0]
    assert after.rows[2] == worksheet.sheet.rows[2]
    # What was read is what is written, apart from two cells; so an independent reader finds the mark too.
    rows = list(csv.reader(io.StringIO(_text(after), newline=""), delimiter=after.separator))
    assert rows[1][4] == mark
    assert rows[1][9] == "<p>7 de 8 puntos</p>"


def _text(found: Sheet) -> str:
    return found.to_bytes()[len(found.bom) :].decode(found.encoding)


def test_marks_follow_each_rows_own_maximum_and_never_exceed_it() -> None:
    assert scaled(10.5, 10.0, Decimal(20)) == 20
    assert scaled(0.1, 0.3, Decimal(3)) == 1
    assert Style(comma=False, places=2).write(Decimal("0.005")) == "0.01"
    assert Style(comma=True, places=0).write(Decimal("7.5")) == "8"
    assert read_number("1 000,5") == Decimal("1000.5")
    assert read_number("ocho") is None


# --- the file is theirs ----------------------------------------------------------------------------------------------

HOSTILE = (
    ("1", '=cmd|" /C calc"!A1'),
    ("2", "+1, -1; @x"),
    ("3", "  Señor_Con__Guiones  "),
    ("4", 'Ana "La Jefa" O\'Hara'),
    ("5", "Ωmega\u200d\u00a0José\nde dos líneas"),
    ("6", "'=SUMA(A1)"),
    ("7", "\\\\servidor\\ana"),
)


@pytest.mark.parametrize("separator", [",", ";"])
def test_hostile_names_survive_byte_for_byte_and_only_two_cells_change(separator: str, paired: Callable) -> None:
    data = sheet(*HOSTILE, separator=separator)
    worksheet, pairing = paired(data, folder("x", 1), folder("y", 3), folder("z", 6))
    _, rows = planned(worksheet, pairing, *[report(8)] * 3)
    before = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))
    assert len(rows) == len(before)
    for old, new in zip(before, rows, strict=True):
        changed = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        assert changed == ([4, 9] if old[0].split()[-1] in "136" else [])


@pytest.mark.parametrize(
    "data",
    [
        sheet(*HOSTILE),
        sheet(("1", "Ana"), separator=";", bom=b"", end="\r"),
        sheet(("1", "Ana"), end="\n").rstrip(b"\n"),
        sheet(("1", "Ana"), end="\r\n") + b"\r\n\r\n",
        sheet(("1", "Ñandú"), bom=b"", encoding="cp1252"),
        sheet(("1", "Ana"), bom=b"\xfe\xff", encoding="utf-16-be"),
        'Identificador,Calificación,"Calificación máxima",Comment\n"Participante 1","",10,un "medio" citado\n'.encode(),
    ],
)
def test_where_nothing_changes_the_file_comes_back_byte_for_byte(data: bytes) -> None:
    worksheet = Worksheet.read(data, "x.csv")
    plan = moodle.decide(worksheet, moodle.by_name(worksheet, []), overwrite=True, language="es")
    assert worksheet.sheet.with_values(plan.changes).to_bytes() == data


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=3, max_size=3), min_size=1
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_file_that_the_csv_module_writes_is_read_as_it_does_and_kept(
    rows: list[list[str]], quoting: int, separator: str
) -> None:
    screen = io.StringIO()
    writer = csv.writer(screen, quoting=quoting, delimiter=separator)  # type: ignore[arg-type]
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    data = screen.getvalue().encode()
    found = Sheet.read(data, "x.csv")
    assert [list(found.values(at)) for at in range(1, len(found.rows))] == rows
    assert found.to_bytes() == data


def test_own_cells_are_no_formulas_and_what_an_old_encoding_lacks_is_written_as_html_does() -> None:
    assert [guarded(text) for text in ("=1", "+1", "-1", "@x", "\tx", "\rx", "x=1", "")] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "x=1", "",
    ]  # fmt: skip
    assert written([["=1", 'a "b"', "c d", "e"]]) == b'\'=1,"a ""b""","c d",e\r\n'
    old = Sheet.read("a,b\nÑ,\n".encode("cp1252"), "x.csv")
    assert old.with_values({(1, 1): "≥ 3"}).to_bytes() == 'a,b\nÑ,"&#8805; 3"\n'.encode("cp1252")
    assert old.with_values({(1, 1): "=1"}).value(1, 1) == "'=1"


# --- who gets what ---------------------------------------------------------------------------------------------------


def test_everybody_has_a_line_and_only_graded_ones_a_mark(paired: Callable) -> None:
    data = sheet(
        ("1", "Ana"),
        ("2", "Bea"),
        ("3", "Carl"),
        ("4", "Dora", "55,50", "<p>Bien</p>"),
        ("5", "Eva", "87,50"),
        ("6", "Fer", "", "", "No"),
        ("7", "Gus"),
        ("8", "Hugo", "-", "<p>De antes</p>"),
    )
    names = [folder(name, at) for at, name in enumerate(("Ana", "Bea", "Carl", "Dora", "Eva", "Fer"), start=1)]
    worksheet, pairing = paired(data, *names, folder("Hugo", 8), folder("Zoe", 99), "suelto.ipynb")
    unsure = replace(report(4, status=Status.NEEDS_REVIEW), checks=(check("unjudged"),))
    broken = report(0, status=Status.REJECTED, reason=Text("Es un PDF.", "It is a PDF."))
    reports = [report(7, failed=1), unsure, broken, *[report(7)] * 4]
    plan, rows = planned(worksheet, pairing, *reports)
    assert fates(plan) == [
        ("Ana", Fate.GIVEN),
        ("Bea", Fate.REVIEW),
        ("Carl", Fate.REJECTED),
        ("Dora", Fate.KEPT),
        ("Eva", Fate.SAME),
        ("Fer", Fate.LOCKED),
        ("Gus", Fate.MISSING),
        ("Hugo", Fate.GIVEN),
        ("suelto", Fate.STRANGER),
        ("Zoe", Fate.STRANGER),
    ]
    assert [row[4] for row in rows[1:]] == ["87,50", "", "", "55,50", "87,50", "", "", "87,50"]
    assert [row[9] for row in rows[1:]] == [
        "<p>7 de 8 puntos</p><ul><li><strong>Da un número.</strong> Mira <code>shape</code>.</li></ul>",
        "",
        "<p><strong>No se pudo calificar.</strong> Es un PDF.</p>",
        "<p>Bien</p>",
        "",
        "",
        "",
        "<p>De antes</p>",
    ]
    assert all(row[8] == WHEN for row in rows[1:])
    assert plan.lines[1].remark.es.endswith("(mse)")
    assert plan.lines[3].after == "87,50"
    # Pages go back with what the student may see now: not while a person still has to look, nor beside another's mark.
    assert plan.returned == {1, 3, 5, 8}


def test_overwrite_replaces_marks_and_comments_but_no_locked_ones_and_no_marks_by_nothing(paired: Callable) -> None:
    data = sheet(
        ("1", "Ana", "55,50", "<p>Bien</p>"),
        ("2", "Bea", "55,50", "<p>Bien</p>", "No"),
        ("3", "Carl", "55,50", "<p>Bien</p>"),
        ("4", "Dora", "55,50", "<p>Bien</p>"),
    )
    worksheet, pairing = paired(data, *(folder(name, at) for at, name in enumerate(["Ana", "Bea", "Carl", "Dora"], 1)))
    unsure, broken = report(0, status=Status.NEEDS_REVIEW), report(0, status=Status.REJECTED)
    plan, rows = planned(worksheet, pairing, report(8), report(8), unsure, broken, overwrite=True)
    assert [line.fate for line in plan.lines] == [Fate.REPLACED, Fate.LOCKED, Fate.REVIEW, Fate.REJECTED]
    assert [(row[4], row[9]) for row in rows[1:]] == [
        ("100,00", "<p>8 de 8 puntos</p>"),
        *[("55,50", "<p>Bien</p>")] * 3,
    ]
    assert plan.returned == {1}


def test_an_assignment_without_comments_gets_marks_alone(paired: Callable) -> None:
    data = b"Identifier,Grade,Maximum grade\r\nParticipant 1,,10.00\r\n"
    worksheet, pairing = paired(data, folder("Participant", 1))
    _, rows = planned(worksheet, pairing, report(4))
    assert rows[1] == ["Participant 1", "5.00", "10.00"]


def test_groups_anonymous_marking_and_namesakes_are_told_apart_by_number(paired: Callable) -> None:
    data = sheet(("11", "Ana Ruiz"), ("12", "Ana Ruiz"), ("13", "Eva"))
    worksheet, pairing = paired(
        data,
        folder("Grupo A-Ana Ruiz", 12),
        folder("Grupo A-Ana Ruiz", 11),
        folder("Grupo B-Eva", 13, kind="onlinetext", file="onlinetext.html"),
        folder("Eva", 13),
    )
    assert [(one.student, row.number) for one, row in zip(pairing.handed, pairing.rows, strict=True)] == [
        ("Ana Ruiz (11)", 11),
        ("Ana Ruiz (12)", 12),
        ("Eva", 13),
    ]
    assert pairing.handed[2].data == NOTEBOOK
    plan, rows = planned(worksheet, pairing, report(1), report(2), report(4))
    assert [row[4] for row in rows[1:]] == ["12,50", "25,00", "50,00"]
    assert fates(plan) == [("Ana Ruiz", Fate.GIVEN)] * 2 + [("Eva", Fate.GIVEN)]

    blind = (
        "Identificador,Estado,Calificación,Calificación máxima\nParticipante 21,x,,10\nParticipante 22,x,,10\n".encode()
    )
    worksheet, pairing = paired(blind, folder("Participante", 22), folder("Participante", 21))
    assert [one.student for one in pairing.handed] == ["Participante 21", "Participante 22"]
    assert pairing.folders[0] == "Participante_21_assignsubmission_file"


def test_flat_files_two_notebooks_and_online_text_alone(paired: Callable) -> None:
    data = sheet(("1", "Ana"), ("2", "Bea"), ("3", "Carl"))
    worksheet, pairing = paired(
        data,
        "Ana_1_assignsubmission_file_01_mse.ipynb",
        "Ana_1_assignsubmission_file_01_mse (1).ipynb",
        "Bea_2_assignsubmission_onlinetext_onlinetext.html",
        "Carl_3_assignsubmission_file_mi cuaderno.ipynb",
    )
    assert [(one.student, one.data is not None) for one in pairing.handed] == [
        ("Ana", True),
        ("Bea", False),
        ("Carl", True),
    ]
    rejected = report(0, status=Status.REJECTED, reason=pairing.handed[1].problem)
    plan, _ = planned(worksheet, pairing, report(8), rejected, report(8))
    assert [line.fate for line in plan.lines] == [Fate.GIVEN, Fate.REJECTED, Fate.GIVEN]
    assert "_01_mse.ipynb” was graded, not “Ana_1_assignsubmission_file_01_mse (1).ipynb”" in plan.lines[0].remark.en
    assert "only" in plan.lines[1].remark.en
    assert plan.lines[2].remark.en == ""


def test_nobody_in_common_is_told_before_anything_is_graded(paired: Callable) -> None:
    with pytest.raises(UsageError, match="None of the 1 submissions is by one of the 1 participants of Calificaciones"):
        paired(sheet(("1", "Ana")), folder("Ana", 2))
    with pytest.raises(UsageError, match="as Moodle"):
        paired(sheet(("1", "Ana")), "ana.ipynb", "bea.ipynb")


def test_the_table_shows_names_as_data() -> None:
    from rich.console import Console

    screen = io.StringIO()
    hostile = Line("[bold]Ana\x1b[2J", Fate.GIVEN, "", "8,00", Text("x" * 500, "y" * 500))
    Console(file=screen, width=150).print(render([hostile, Line("Bea", Fate.MISSING)], "t", "es"))
    text = screen.getvalue()
    assert "[bold]Ana " in text
    assert "\x1b" not in text
    assert "x" * 200 not in text.replace("\n", "").replace(" ", "").replace("│", "")
    assert "recibe la nota: 1 · sin entrega: 1" in text


# --- the comment -----------------------------------------------------------------------------------------------------


def test_a_comment_is_harmless_html_on_one_line() -> None:
    hostile = replace(report(1), checks=(check("failed", "<script>alert(1)</script>\n& `a<b`" + "x" * 5000),))
    said = comment.on(Result.of(hostile, "en"), "en")
    assert said.startswith("<p>0 out of 8 points</p><ul><li><strong>Da un número.</strong> &lt;script&gt;alert(1)")
    assert "<code>a&lt;b</code>" in said
    assert "\n" not in said
    assert len(said) < 1000


# --- damaged and foreign files ---------------------------------------------------------------------------------------

LINE = "Participante 1,,10"
HEAD = "Identificador,Calificación,Calificación máxima\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HEAD + LINE + '\n"Participante 2,,10\n', "x.csv, row 3, opens a quotation mark"),
        (HEAD + '"Participante" 1,,10\n', "row 2, goes on after a closing quotation mark"),
        (HEAD + LINE + ",\n", "row 2, has 4 cells where the headers have 3"),
        (HEAD + LINE + "\nAna,,10\n", "row 3, has no participant's number in its first column ('Ana')"),
        (HEAD + LINE + "\n\n" + LINE + "\n", "row 4, lists participant 1, whom row 2 lists already"),
        (HEAD + "Participante 1,,diez\n", "row 2, has no maximum grade above zero ('diez')"),
        (HEAD + "Participante 1,,0\n", "row 2, has no maximum grade above zero"),
        (HEAD, "x.csv lists nobody"),
        ("", "x.csv is empty"),
        ("Identifier,Grade,Scale\nParticipant 1,,Bad\n", "words of a scale"),
        ("Kennung,Bewertung\nTeilnehmer 1,\n", "no offline grading worksheet in Spanish or English"),
        ("student,score\n", "its headers are: student, score"),
        ("PK\3\4", "Excel workbook"),
        ("a\0b", "no text that can be read"),
        (b"\x81\xff\0", "no text that can be read"),
    ],
)
def test_a_damaged_or_foreign_worksheet_is_told_in_one_sentence_with_its_row(data: str | bytes, words: str) -> None:
    with pytest.raises(UsageError) as told:
        Worksheet.read(data if isinstance(data, bytes) else data.encode(), "x.csv")
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_files_that_cannot_be_read_or_would_be_overwritten_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "none.csv")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UsageError, match="larger than 32 MiB"):
        read(large)
    with pytest.raises(UsageError, match="would be overwritten"):
        refuse_to_overwrite([tmp_path / ".." / tmp_path.name / "large.csv"], [large])


# --- the feedback zip ------------------------------------------------------------------------------------------------


def test_folders_are_what_moodle_splits_at_underscores() -> None:
    for name in ("Ana_la_Jefa", "../etc", "", ".oculta", "a/b\\c:d", "Benito O'Hara, Jr", "_7_", "Grupo A-Ana Núñez"):
        made = moodle.folder(name, 123)
        # Moodle: explode('_', part, 5), number in the second place, plugin in the third and fourth.
        assert made.split("_")[1:] == ["123", "assignsubmission", "file"]
        assert not set('/\\:*?"<>|') & set(made)
        assert not made.startswith((".", "_"))
    assert moodle.folder("Benito O'Hara, Jr", 7) == "Benito O'Hara, Jr_7_assignsubmission_file"


def test_the_feedback_zip_holds_page_and_receipt_and_is_the_same_each_time(tmp_path: Path) -> None:
    from autograder import feedback

    one = replace(report(3), student="Ana")
    for kind, ending in (("feedback", "html"), ("receipts", "json")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / f"{feedback.stem(one)}.{ending}").write_text(kind)
    data = bundle.pack([("Ana_1_assignsubmission_file", one)], tmp_path)
    assert data == bundle.pack([("Ana_1_assignsubmission_file", one)], tmp_path)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "Ana_1_assignsubmission_file/01_mse.html": b"feedback",
            "Ana_1_assignsubmission_file/01_mse.receipt.json": b"receipts",
        }
    (tmp_path / "receipts" / f"{feedback.stem(one)}.json").unlink()
    assert bundle.pack([("a", one)], tmp_path)
    with pytest.raises(EngineError, match="is missing"):
        bundle.pack([("a", replace(one, student="Bea"))], tmp_path)
    (tmp_path / "feedback" / f"{feedback.stem(replace(one, student='Bea'))}.html").mkdir()
    with pytest.raises(EngineError, match="could not be read"):
        bundle.pack([("a", replace(one, student="Bea"))], tmp_path)


# --- which assignment ------------------------------------------------------------------------------------------------


def test_the_assignment_is_what_most_notebooks_say(tiny_course: Course, tmp_path: Path) -> None:
    import nbformat

    from autograder.authoring import read_template

    stub = nbformat.writes(read_template(tiny_course.assignment("90_tiny"), "en").notebook()).encode()
    names = {folder("Ana", 1, file="x.ipynb"): stub, folder("Bea", 2, file="y.ipynb"): b"no notebook"}
    found = collect([zipped(tmp_path / "a.zip", names)], tiny_course.names, None)
    assert moodle.said_by(tiny_course, found) == "90_tiny"
    with pytest.raises(UsageError, match="--assignment"):
        moodle.said_by(tiny_course, found[1:])
    other = replace(found[0], participant="9", assignment="80_other")
    with pytest.raises(UsageError, match=r"90_tiny \(1\)"):
        moodle.said_by(tiny_course, [found[0], other])


# --- the command -----------------------------------------------------------------------------------------------------

REPOSITORY = Path(__file__).resolve().parent.parent


def test_a_class_is_graded_from_moodles_two_files_and_gets_them_back(
    tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    """The real first assignment: right, wrong, two files, none at all, by hand, unknown; by the command itself."""
    import shutil

    import nbformat

    from autograder.authoring import read_template
    from autograder.cli import cli
    from autograder.gradebook import standings

    root = tmp_path / "course"
    ignored = shutil.ignore_patterns("mistakes", "alternatives", "*.md")
    shutil.copytree(REPOSITORY / "solutions" / "01_mse", root / "solutions" / "01_mse", ignore=ignored)
    (root / "course_config.py").write_text(
        'from autograder.course import Course\n\ncourse = Course(id="t", run_demos=False)\n'
    )
    template = read_template(Course.load(root).assignment("01_mse"), "es")
    right = nbformat.writes(template.reference({})).encode()
    wrong = nbformat.writes(template.reference({"mse": "def mse(y_true, y_pred):\n    return 0"})).encode()
    names = {
        folder("Ana Núñez", 1): right,
        folder("Ana Núñez", 1, "onlinetext", "onlinetext.html"): b"hola",
        folder("Grupo B-Benito", 2, file="mío.ipynb"): wrong,
        folder("Carla", 3): right,
        folder("Carla", 3, file="01_mse-Copy1.ipynb"): wrong,
        folder("Dora", 4, file="trabajo.pdf"): b"%PDF",
        folder("Eva", 5): right,
        folder("Zoe", 99): right,
    }
    submissions = zipped(tmp_path / "entregas.zip", names)
    given = tmp_path / "Calificaciones-1.csv"
    given.write_bytes(
        sheet(
            ("1", "Ana Núñez"), ("2", "Benito, =1"), ("3", "Carla"), ("4", "Dora"), ("5", "Eva", "3,00"), ("6", "Fer")
        )
    )
    out = tmp_path / "out"
    arguments = ["moodle", "--zip", submissions, "--worksheet", given, "--out", out, "--course", root]

    def run(*more: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main([*map(str, arguments), *more], standalone_mode=False)
        return int(ended.value.code or 0)

    assert run("--dry-run") == 1
    said = capfd.readouterr().out
    assert "recibe la nota: 3" in said
    assert "Nothing was recorded." in said
    assert not (out / given.name).exists()
    assert not (out / "feedback.zip").exists()
    assert not standings(Course.load(root))

    assert run() == 1
    said = capfd.readouterr().out
    assert said.index("recibe la nota: 3") < said.index("To upload:")
    before, after = (
        list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
        for path in (given, out / given.name)
    )
    assert [row[4] for row in after[1:]] == ["100,00", after[2][4], "100,00", "", "3,00", ""]
    assert 0 < float(after[2][4].replace(",", ".")) < 100
    assert "<li>" in after[2][9]
    assert after[4][9].startswith("<p><strong>No se pudo calificar.")
    for old, new in zip(before, after, strict=True):
        assert [cell for at, cell in enumerate(old) if at not in (4, 9)] == [
            cell for at, cell in enumerate(new) if at not in (4, 9)
        ]
    with zipfile.ZipFile(out / "feedback.zip") as archive:
        assert sorted(archive.namelist()) == [
            "Ana Núñez_1_assignsubmission_file/01_mse.html",
            "Ana Núñez_1_assignsubmission_file/01_mse.receipt.json",
            "Carla_3_assignsubmission_file/01_mse.html",
            "Carla_3_assignsubmission_file/01_mse.receipt.json",
            "Dora_4_assignsubmission_file/01_mse.html",
            "Grupo B-Benito_2_assignsubmission_file/01_mse.html",
            "Grupo B-Benito_2_assignsubmission_file/01_mse.receipt.json",
        ]
    assert [one.student for one in standings(Course.load(root))] == [
        "Ana Núñez",
        "Benito%2C =1",
        "Carla",
        "Dora",
        "Eva",
    ]

    # The filled-in worksheet, given again, changes nothing.
    again = tmp_path / "again.csv"
    again.write_bytes((out / given.name).read_bytes())
    arguments[4] = again
    assert run() == 1
    assert (out / "again.csv").read_bytes() == again.read_bytes()


def test_unreadable_zips_and_unknown_assignments_end_before_grading(tiny_course: Course, tmp_path: Path) -> None:
    given = tmp_path / "w.csv"
    given.write_bytes(sheet(("1", "Ana")))
    damaged = tmp_path / "a.zip"
    damaged.write_bytes(b"PK\3\4 no zip")
    grading = lms.Grading(jobs=1, sandbox=True, fresh=False)

    def fill(submissions: Path, assignment: str | None) -> None:
        options = {"overwrite": False, "dry_run": True, "language": "es", "grading": grading}
        lms.fill_worksheet(tiny_course, submissions, given, out=tmp_path, assignment=assignment, **options)  # type: ignore[arg-type]

    with pytest.raises(UsageError, match="would be overwritten"):
        fill(damaged, None)
    given = given.rename(tmp_path.joinpath("course", "w.csv"))
    with pytest.raises(UsageError, match="damaged"):
        fill(damaged, None)
    with pytest.raises(UsageError, match="Did you mean 90_tiny"):
        fill(zipped(damaged, {folder("Ana", 1): NOTEBOOK}), "90_tin")
    with pytest.raises(UsageError, match="does not exist"):
        fill(tmp_path / "nowhere.zip", None)


@pytest.mark.parametrize(
    "header", ["Feedback comments", "Comentarios de la retroalimentación", "COMENTARIOS de realimentación"]
)
def test_the_comments_column_is_found_by_whatever_name_translators_gave_it(header: str) -> None:
    data = f"Identifier,Grade,Maximum grade,Submission comments,{header}\nParticipant 1,,10,x,y\n"
    assert Worksheet.read(data.encode(), "x.csv").comment_column == 4
