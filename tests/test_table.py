"""The class table in the terminal."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest

from autograder.records import CheckResult, Outcome, Report, Status
from autograder.table import attention, render
from autograder.text import Language, Text


def report(student: str, status: Status, *outcomes: tuple[str, str], reason: Text | None = None) -> Report:
    checks = tuple(
        CheckResult(f"01_mse.{at}", task, Outcome(outcome), 2.5, Text("", ""), Text("", ""))
        for at, (task, outcome) in enumerate(outcomes)
    )
    return Report(student, "01_mse", status, checks, seconds=4.26, reason=reason, max_score=10.0)


ANA = report("ana", Status.GRADED, ("mse", "passed"), ("rmse", "passed"), ("rmse", "passed"), ("mae", "failed"))
EVA = report(
    "eva", Status.NEEDS_REVIEW, ("mse", "failed"), ("mse", "unjudged"), ("rmse", "unjudged"), ("mae", "failed")
)
LUIS = report("luis", Status.REJECTED, reason=Text("Es un PDF.", "It is a PDF."))


def shown(*reports: Report, language: Language = "en") -> str:
    from rich.console import Console

    screen = io.StringIO()
    Console(file=screen, width=120, force_terminal=True, color_system="truecolor").print(render(reports, language))
    return screen.getvalue()


def row(text: str, name: str) -> list[str]:
    line = next(line for line in re.sub(r"\x1b\[[\d;]*m", "", text).splitlines() if f" {name} " in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_a_row_says_who_what_how_much_and_where_to_look() -> None:
    text = shown(ANA, EVA, LUIS)
    assert row(text, "ana") == ["ana", "01_mse", "7.5 / 10", "graded", "mae", "4.3"]
    assert row(text, "eva") == ["eva", "01_mse", "0 / 10", "needs review", "mse?, rmse?, mae", "4.3"]
    assert row(text, "luis") == ["luis", "01_mse", "0 / 10", "rejected", "It is a PDF.", "4.3"]


def test_spanish_writes_a_decimal_comma() -> None:
    assert row(shown(ANA, language="es"), "ana")[2:4] == ["7,5 / 10", "calificada"]


def test_the_summary_counts_and_gives_the_median_of_what_could_be_graded() -> None:
    assert "Submissions: 3 · graded: 1 · needs review: 1 · rejected: 1 · median of the points: 37.5%" in shown(
        ANA, EVA, LUIS
    )


@pytest.mark.parametrize("reports", [(), (LUIS,)])
def test_without_a_graded_submission_there_is_no_median(reports: tuple[Report, ...]) -> None:
    assert "median" not in shown(*reports)


def test_a_name_steers_no_terminal_and_is_no_markup() -> None:
    text = shown(report("\x1b]0;owned\x07[bold]x[/bold]\x1b[2J\r\u202eevil\nrow", Status.GRADED))
    assert "owned" not in text
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert row(text, "evil") == ["evil row", "01_mse", "0 / 10", "graded", "", "4.3"]
    assert row(shown(report("[bold]x[/bold]", Status.GRADED)), "[bold]x[/bold]")[0] == "[bold]x[/bold]"


def test_a_very_long_name_is_cut() -> None:
    assert "…" in shown(report("x" * 5000, Status.GRADED))


def test_a_review_without_checks_gives_its_reason() -> None:
    assert attention(report("ana", Status.NEEDS_REVIEW, reason=Text("Sin muros.", "No walls.")), "es") == "Sin muros."
    assert attention(report("ana", Status.GRADED), "es") == ""


def test_rich_is_loaded_only_when_a_table_is_drawn() -> None:
    code = "import sys, autograder.table; sys.exit(any(name in sys.modules for name in ('rich', 'jinja2', 'nh3')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
