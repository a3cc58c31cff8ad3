"""Recorded results in Canvas's gradebook, in Moodle's worksheet and in plain CSV: whose mark, and that the rest stays."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import UsageError
from autograder.gradebook import record, standings, student_id, student_name
from autograder.lms import Export, export
from autograder.lms.canvas import Gradebook, plan
from autograder.lms.lines import Fate
from autograder.lms.plain import moodle_import, table
from autograder.lms.results import Result, recorded
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.text import Text

CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,Práctica 01_mse (51),Examen (52),Current Score,Final Score
,,,,,Manual Posting,,,
    Points Possible,,,,,20.00,100.00,(read only),(read only)
"Ruiz Núñez, Ana",901,A1,ana@uni.es,"Grupo 1, mañana",,55.00,70.5,70.5
"=1+1, ""B""",902,A2,benito,Grupo 1,EX,,70.5,70.5
"Soto, Eva",903,A3,eva@uni.es,Grupo 1,3.00,,70.5,70.5
"Soto, Eva",904,A4,eva2@uni.es,Grupo 2,,,70.5,70.5
"Paz, Fer",905,A5,fer@uni.es,Grupo 2,-,,,
'''


def result(student: str, score: float = 5.0, status: Status = Status.GRADED, assignment: str = "01_mse") -> Result:
    return Result(student, assignment, status, score, 10.0)


def edited(
    gradebook: Gradebook, *results: Result, overwrite: bool = False, column: int | None = 5
) -> tuple[dict, list]:
    """What became of each student of the lines, and the rows of the file."""
    made = plan(gradebook, column, "01_mse", results, overwrite=overwrite)
    rows = list(csv.reader(io.StringIO(made.sheet.to_bytes().decode(), newline="")))
    return {(line.student, line.before): line.fate for line in made.lines}, rows


@pytest.fixture
def gradebook() -> Gradebook:
    return Gradebook.read(CANVAS.encode(), "canvas.csv")


# --- Canvas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "student",
    ["ANA@uni.es", "a1", "901", "Ana Ruiz Núñez", "Ruiz Núñez, Ana", "ruiznúñezana", "Ana Ruiz (901)", "Ana (901)"],
)
def test_a_student_is_found_by_login_sis_id_id_or_name(student: str, gradebook: Gradebook) -> None:
    told, rows = edited(gradebook, result(student))
    assert told["Ruiz Núñez, Ana", ""] is Fate.GIVEN
    assert rows[3][5] == "10.00"


def test_only_the_cell_of_the_mark_changes(gradebook: Gradebook) -> None:
    made = plan(gradebook, 5, "01_mse", [result("ana@uni.es"), result("fer@uni.es", 7.77)], overwrite=False)
    expected = CANVAS.replace('mañana",,55', 'mañana",10.00,55').replace("Grupo 2,-,", "Grupo 2,15.54,")
    assert made.sheet.to_bytes().decode() == expected
    nothing = plan(gradebook, 5, "01_mse", [], overwrite=True)
    assert nothing.sheet.to_bytes().decode() == CANVAS


def test_ambiguous_names_excused_students_and_given_marks_are_left_alone(gradebook: Gradebook) -> None:
    results = [result("Eva Soto"), result("benito"), result("Nobody"), result("Fer Paz"), result("fer@uni.es", 6)]
    told, rows = edited(gradebook, *results, overwrite=True)
    assert told == {
        ("Ruiz Núñez, Ana", ""): Fate.MISSING,
        ('=1+1, "B"', "EX"): Fate.LOCKED,
        ("Soto, Eva", "3.00"): Fate.AMBIGUOUS,
        ("Soto, Eva", ""): Fate.AMBIGUOUS,
        ("Paz, Fer", ""): Fate.AMBIGUOUS,
        ("Eva Soto", ""): Fate.AMBIGUOUS,
        ("Nobody", ""): Fate.STRANGER,
        ("Fer Paz", ""): Fate.AMBIGUOUS,
        ("fer@uni.es", ""): Fate.AMBIGUOUS,
    }
    assert [row[5] for row in rows[3:]] == ["", "EX", "3.00", "", "-"]

    told, rows = edited(gradebook, result("eva@uni.es"), result("eva2@uni.es", 2, Status.NEEDS_REVIEW))
    assert (told["Soto, Eva", "3.00"], told["Soto, Eva", ""]) == (Fate.KEPT, Fate.REVIEW)
    assert [row[5] for row in rows[5:7]] == ["3.00", ""]
    told, rows = edited(gradebook, result("eva@uni.es"), result("fer@uni.es", 0, Status.REJECTED), overwrite=True)
    assert (told["Soto, Eva", "3.00"], told["Paz, Fer", ""]) == (Fate.REPLACED, Fate.REJECTED)
    assert rows[5][5] == "10.00"
    assert edited(gradebook, result("eva@uni.es", 1.5))[0]["Soto, Eva", "3.00"] is Fate.SAME


def test_a_new_column_goes_behind_the_last_assignment_with_its_points(gradebook: Gradebook) -> None:
    told, rows = edited(gradebook, result("ana@uni.es", 7.5), column=None)
    assert told["Soto, Eva", ""] is Fate.MISSING
    assert rows[0][5:9] == ["Práctica 01_mse (51)", "Examen (52)", "01_mse", "Current Score"]
    assert [row[7] for row in rows] == ["01_mse", "", "10.00", "7.50", "", "", "", ""]
    assert [row[:7] + row[8:] for row in rows] == list(csv.reader(io.StringIO(CANVAS)))
    _, rows = edited(gradebook, result("Nobody"), column=None)
    assert len(rows[0]) == 9

    bare = "LastName,FirstName,ID,SIS Login ID,Section\n,,,,\nRuiz,Ana,901,ana,A\n"
    _, rows = edited(Gradebook.read(bare.encode(), "c.csv"), result("Ana Ruiz"), column=None)
    assert rows[2] == ["Ruiz", "Ana", "901", "ana", "A", "5"]


def test_decimals_follow_the_file() -> None:
    data = CANVAS.replace(",", ";").replace(".", ",").replace('"Ruiz Núñez; Ana"', '"Ruiz Núñez, Ana"')
    book = Gradebook.read(b"\xef\xbb\xbf" + data.encode(), "c.csv")
    made = plan(book, 5, "01_mse", [result("A1", 7.3)], overwrite=False)
    assert made.sheet.value(3, 5) == "14,60"
    assert made.sheet.to_bytes().startswith(b"\xef\xbb\xbfStudent;ID;")


def test_the_column_is_found_by_name_title_or_on_request(gradebook: Gradebook) -> None:
    names = ("01_mse", "02_two")
    assert gradebook.column("01_mse", names, {"Error"}, None) == 5
    assert gradebook.column("02_two", names, {"Two"}, None) is None
    assert gradebook.column("02_two", names, {"EXAMEN"}, None) == 6
    assert gradebook.column("01_mse", names, set(), "Examen") == 6
    assert gradebook.column("01_mse", names, set(), "examen (52)") == 6
    assert gradebook.column("01_mse", names, set(), "Otra") is None
    with pytest.raises(UsageError, match="several columns for 01_mse"):
        gradebook.column("01_mse", names, {"Examen"}, None)
    with pytest.raises(UsageError, match="worked out by Canvas"):
        gradebook.column("01_mse", names, set(), "Final Score")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Name,Mark\nAna,1\n", "no gradebook that Canvas exported"),
        ("Student,ID,Section\n    Points Possible,,\n", "lists nobody"),
        ('Student,ID,Section\n"Ana,1,A\n', "c.csv, row 2, opens a quotation mark"),
        ("Student,ID,Section\nAna,1\n", "c.csv, row 2, has 2 cells"),
    ],
)
def test_a_damaged_or_foreign_gradebook_is_told(data: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Gradebook.read(data.encode(), "c.csv")


# --- plain CSV -------------------------------------------------------------------------------------------------------


def test_plain_csv_has_a_row_per_student_and_no_formulas() -> None:
    results = [
        result("=cmd|' /C calc'!A1", 7.25),
        result('Ana, la "Jefa"', 10),
        result('Ana, la "Jefa"', 3, Status.NEEDS_REVIEW, "02_two"),
        result("Zoé\nB", 0, Status.REJECTED, "02_two"),
    ]
    rows = list(csv.reader(io.StringIO(table(results).decode(), newline="")))
    assert rows == [
        ["student", "01_mse", "01_mse max", "01_mse status", "02_two", "02_two max", "02_two status"],
        ["'=cmd|' /C calc'!A1", "7.25", "10", "graded", "", "", ""],
        ['Ana, la "Jefa"', "10", "10", "graded", "", "10", "needs_review"],
        ["Zoé\nB", "", "", "", "", "10", "rejected"],
    ]


def test_what_moodle_imports_leaves_out_who_has_no_mark() -> None:
    data = moodle_import([result("Ana", 0), result("Bea", 3, Status.NEEDS_REVIEW)], "en")
    assert list(csv.reader(io.StringIO(data.decode()))) == [
        ["student", "01_mse", "01_mse feedback"],
        ["Ana", "0", "<p>0 out of 10 points</p>"],
    ]


# --- what is recorded ------------------------------------------------------------------------------------------------


@pytest.fixture
def graded(tiny_course: Course, tmp_path: Path) -> Callable[..., Path]:
    """Puts reports into the gradebook and into `reports.json`, as `grade` does."""

    def make(*reports: Report, gradebook: bool = True) -> Path:
        out = tmp_path / "results"
        out.mkdir(exist_ok=True)
        (out / "reports.json").write_text(json.dumps([report.to_json("en") for report in reports]))
        if gradebook:
            record(tiny_course, reports, {"90_tiny": {"mse": 6.0, "scale": 4.0}})
        return out

    return make


def report(student: str, mse: str = "passed", scale: str = "passed", status: Status = Status.GRADED) -> Report:
    checks = tuple(
        CheckResult(f"90_tiny.{task}", task, Outcome(outcome), points, Text("t", "t"), Text("m", "m"))
        for task, outcome, points in (("mse", mse, 6.0), ("scale", scale, 4.0))
    )
    reason = Text("Es un PDF.", "It is a PDF.") if status is Status.REJECTED else None
    checks = () if status is Status.REJECTED else checks
    return Report(student, "90_tiny", status, checks, submission_sha256="a" * 64, reason=reason, max_score=10.0)


def test_the_gradebook_has_the_last_word(tiny_course: Course, graded: Callable[..., Path]) -> None:
    from nbgrader.api import Gradebook as Nbgrader

    out = graded(
        report("Ana, =1", scale="failed"),
        report("bob", mse="unjudged", status=Status.NEEDS_REVIEW),
        report("cai", mse="unjudged", status=Status.NEEDS_REVIEW),
        report("dee", status=Status.REJECTED),
    )
    with Nbgrader(tiny_course.gradebook_url(), tiny_course.id) as book:
        grade = book.find_grade("mse", "90_tiny", "90_tiny", "bob")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 5.0, 0.5, False
        book.find_submission_notebook("90_tiny", "90_tiny", student_id("Ana, =1")).late_submission_penalty = 1.5
        book.db.commit()
    found = {one.student: one for one in recorded(tiny_course, out)}
    assert {name: (one.status, one.score, one.max_score) for name, one in found.items()} == {
        "Ana, =1": (Status.GRADED, 4.5, 10.0),
        "bob": (Status.GRADED, 9.5, 10.0),
        "cai": (Status.NEEDS_REVIEW, 4.0, 10.0),
        "dee": (Status.REJECTED, 0.0, 10.0),
    }
    assert found["Ana, =1"].failed == (("t", "m"),)
    assert found["dee"].reason.en == "It is a PDF."
    assert found["cai"].reason.es.endswith("(mse)")

    # Graded again elsewhere since: the gradebook stands, the sentences of before do not.
    record(tiny_course, [report("Ana, =1")], {"90_tiny": {"mse": 6.0, "scale": 4.0}})
    again = recorded(tiny_course, out, "90_tiny")[0]
    assert (again.student, again.score, again.failed) == ("Ana, =1", 8.5, ())


def test_without_a_gradebook_the_reports_are_taken_and_none_is_made(
    tiny_course: Course, graded: Callable[..., Path], tmp_path: Path
) -> None:
    out = graded(report("ana"), gradebook=False)
    assert [(one.student, one.score) for one in recorded(tiny_course, out)] == [("ana", 10.0)]
    assert standings(tiny_course) == []
    assert not (tiny_course.root / "gradebook.db").exists()
    with pytest.raises(UsageError, match="Nothing is recorded for 01_mse"):
        recorded(tiny_course, out, "01_mse")
    with pytest.raises(UsageError, match="grade a class first"):
        recorded(tiny_course, tmp_path / "nowhere")
    # Results that bring a gradebook of their own, as the demo's do, are not mixed with the course's.
    own = replace(tiny_course, gradebook=f"sqlite:///{out / 'gradebook.db'}")
    record(own, [report("ana", mse="failed")], {"90_tiny": {"mse": 6.0, "scale": 4.0}})
    assert [(one.student, one.score) for one in recorded(tiny_course, out)] == [("ana", 4.0)]


@pytest.mark.parametrize("text", ["{", '[{"student": "ana"}]', "[1]"])
def test_damaged_reports_are_told(text: str, tiny_course: Course, tmp_path: Path) -> None:
    (tmp_path / "reports.json").write_text(text)
    with pytest.raises(UsageError, match="holds no reports"):
        recorded(tiny_course, tmp_path)
    (tmp_path / "reports.json").unlink()
    (tmp_path / "reports.json").mkdir()
    with pytest.raises(UsageError, match="could not be read"):
        recorded(tiny_course, tmp_path)


def test_an_id_gives_the_name_back() -> None:
    for name in ("Ana, =1", "=1+1", 'a"b/c\\d%20', "Ñandú", "a\nb"):
        assert student_name(student_id(name)) == name


# --- the command -----------------------------------------------------------------------------------------------------


def test_each_format_is_written_and_the_plan_is_printed_first(
    tiny_course: Course, graded: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = graded(report("ana@uni.es", scale="failed"), report("Eva Soto", mse="unjudged", status=Status.NEEDS_REVIEW))
    asked = Export("csv", out, None, None, None, None, False, False, "en")
    export(tiny_course, asked)
    rows = list(csv.reader((out / "export" / "marks.csv").read_text().splitlines()))
    assert rows[1:] == [["ana@uni.es", "6", "10", "graded"], ["Eva Soto", "", "10", "needs_review"]]

    export(tiny_course, replace(asked, form="moodle-csv"))
    assert "ana@uni.es,6," in (out / "export" / "moodle-90_tiny.csv").read_text()

    source = tmp_path / "canvas.csv"
    source.write_text(CANVAS)
    export(tiny_course, replace(asked, form="canvas-csv", source=source, dry_run=True))
    said = capsys.readouterr().out
    assert "Would write" in said
    assert not (out / "export" / "canvas.csv").exists()
    export(tiny_course, replace(asked, form="canvas-csv", source=source))
    said = capsys.readouterr().out
    assert said.index("gets the mark: 1") < said.index("Written:")
    rows = list(csv.reader((out / "export" / "canvas.csv").read_text().splitlines()))
    assert [row[7] for row in rows] == ["90_tiny", "", "10.00", "6.00", "", "", "", ""]
    export(tiny_course, replace(asked, form="canvas-csv", source=source, column="Examen", target=tmp_path / "to.csv"))
    assert "60.00" in capsys.readouterr().out
    assert 'mañana",,55.00' in (tmp_path / "to.csv").read_text()

    sheet = tmp_path / "hoja.csv"
    sheet.write_text(
        "Identificador,Nombre completo,Calificación,Calificación máxima,Comentarios de retroalimentación\n"
        "Participante 1,ANA@uni.es,,5,\nParticipante 2,Eva Soto,,5,\nParticipante 3,Eva  Soto,,5,\n"
    )
    export(tiny_course, replace(asked, form="moodle-csv", source=sheet))
    rows = list(csv.reader((out / "export" / "hoja.csv").read_text().splitlines()))
    assert rows[1][2:] == ["3", "5", "<p>6 out of 10 points</p><ul><li><strong>t</strong> m</li></ul>"]
    assert rows[2:] == [["Participante 2", "Eva Soto", "", "5", ""], ["Participante 3", "Eva  Soto", "", "5", ""]]
    assert "not clear whose it is: 3" in capsys.readouterr().out


def test_options_that_clash_are_told(tiny_course: Course, graded: Callable[..., Path], tmp_path: Path) -> None:
    out = graded(report("ana"))
    asked = Export("csv", out, None, None, None, None, False, False, "en")
    source = tmp_path / "x.csv"
    source.write_text(CANVAS)
    for wrong, words in (
        ({"source": source}, "--from and --format csv clash"),
        ({"form": "canvas-csv"}, "needs --from FILE"),
        ({"column": "x"}, "--column and --format csv clash"),
        ({"assignment": "90_tinny"}, "Did you mean 90_tiny"),
        ({"form": "moodle-csv", "source": source}, "no offline grading worksheet"),
        ({"form": "canvas-csv", "source": source, "target": source}, "would be overwritten"),
    ):
        with pytest.raises(UsageError, match=words):
            export(tiny_course, replace(asked, **wrong))
    told = json.loads((out / "reports.json").read_text())
    (out / "reports.json").write_text(json.dumps([*told, {**told[0], "assignment": "80_other"}]))
    for wrong, words in (
        ({"form": "moodle-csv", "source": source}, "the worksheet of one assignment.*80_other, 90_tiny"),
        ({"form": "canvas-csv", "source": source, "column": "x"}, "--column names the column of one"),
        ({"form": "moodle-csv", "target": source}, "--to names one file"),
    ):
        with pytest.raises(UsageError, match=words):
            export(tiny_course, replace(asked, **wrong))


def test_the_command_reads_its_options(tiny_course: Course, graded: Callable[..., Path], tmp_path: Path) -> None:
    from autograder.cli import cli

    out = graded(report("ana"))
    target = tmp_path / "marks.csv"
    arguments = [
        "export",
        "--format",
        "csv",
        "--out",
        out,
        "--to",
        target,
        "--course",
        tiny_course.root,
        "--lang",
        "es",
    ]
    cli.main([*map(str, arguments)], standalone_mode=False)
    assert target.read_text() == 'student,90_tiny,"90_tiny max","90_tiny status"\nana,10,10,graded\n'
