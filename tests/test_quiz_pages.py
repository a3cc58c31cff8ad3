"""The pages and commands of quizzes: whole, quiet about the network, and safe to open."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.cli import cli
from autograder.course import Course
from autograder.quiz.drawing import quiz
from autograder.quiz.formats import FORMATS
from autograder.quiz.pages import answers, preview, sheet
from autograder.quiz.reading import read_bank
from autograder.quiz.rendering import html, is_plain, plain
from autograder.text import LANGUAGES, Language

from .quiz_sample import BANK, sample, sample_bank, write_bank

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Outline(HTMLParser):
    """Checks that elements are closed in order, and keeps addresses and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        assert tag not in ("script", "link", "iframe")
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_preview_shows_everything_and_loads_nothing(tmp_path: Path, language: Language) -> None:
    drawn = sample(tmp_path, language, 3)
    page = preview([drawn])
    outline = Outline(page)
    assert all(each.startswith(("data:image/svg+xml;base64,", "#")) for each in outline.addresses)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/1998/Math)", page)
    assert f'<html lang="{language}">' in page
    assert page.count('<article class="question') == len(drawn.items) == 8
    words = " ".join(" ".join(outline.words).split())
    for item in drawn.items:
        for told in (*item.options, *item.accepted, *item.typed):
            assert html(told.feedback, "mathml") in page
            assert told.mistake is None or told.mistake in words
        assert all(tag in words for tag in item.tags)
    for fraction in ("33,3333 %", "-100 %", "50 %") if language == "es" else ("33.3333 %", "-100 %", "50 %"):
        assert fraction in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_asks_first_and_answers_on_a_page_of_its_own(tmp_path: Path, language: Language) -> None:
    drawn = sample(tmp_path, language, 1)
    page = sheet([drawn])
    assert all(each.startswith("data:") for each in Outline(page).addresses)
    questions, key = page.split('<section class="key"')
    assert "break-before: page" in page
    for item in (each.arranged() for each in drawn.items):
        assert html(item.text, "mathml") in questions
        assert html(answers(item), "mathml") in key
        for told in (*item.options, *item.accepted, *item.typed):
            assert len(told.feedback) < 6 or html(told.feedback, "mathml") not in page
    assert questions.count('class="box') == 3 + 4 + 2


def test_the_key_names_what_is_right(tmp_path: Path) -> None:
    keys = {item.id: answers(item.arranged()) for item in sample(tmp_path, "en", 1).items}
    assert keys["laws"] == "a, b, c"
    assert keys["training_accuracy"] == "False"
    assert keys["activation"] == "`sigmoid`"
    assert re.fullmatch(r"[\d.]+ ± 0\.01", keys["mean_square"])
    item = next(each for each in sample(tmp_path, "en", 1).items if each.id == "nabla").arranged()
    assert item.options["abc".index(keys["nabla"])].correct


def test_choices_are_arranged_alike_in_both_languages_and_every_time(tmp_path: Path) -> None:
    bank = sample_bank(tmp_path)
    orders = []
    for language in LANGUAGES:
        item = quiz(bank, language).items[1]
        orders.append([item.options.index(option) for option in item.arranged().options])
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == [0, 1, 2]


def test_html_in_a_bank_is_text(tmp_path: Path) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) "'
    bank = BANK.replace("en: Match.", f"en: {evil!r}").replace('A \\"curve\\"', "<i onload=x>")
    drawn = quiz(read_bank(write_bank(tmp_path, bank), "90_x"), "en")
    for page in (preview([drawn]), sheet([drawn])):
        Outline(page)
        assert "<script" not in page
        assert 'javascript:alert(1)"' not in page
    assert b"<script" not in FORMATS["moodle-xml"]([drawn], "c").content


@pytest.mark.parametrize(
    ("markdown", "words", "is_all"),
    [
        ("uno", "uno", True),
        ("`Dense(3)` and *so*", "Dense(3) and so", False),
        ("`b`\nnext", "b next", True),
        ("$x^2$", "x^2", False),
        ("a\n\nb", "a b", False),
    ],
)
def test_markdown_becomes_plain_text_where_an_lms_has_nothing_better(markdown: str, words: str, is_all: bool) -> None:
    assert plain(markdown) == words
    assert is_plain(markdown) == is_all


def test_formulas_stand_on_the_page_as_they_should() -> None:
    assert "<mn>0,25</mn>" in html("$0{,}25$", "mathml")
    signed = html("$(-1, 2 - 3)$", "mathml")
    assert signed.count('form="prefix"') == 1
    assert html("$x$.", "mathml").startswith('<span class="together"><math')
    assert html("$$a<b$$") == r"<p>\[a&lt;b\]</p>"
    assert html("so $$a$$ inline") == r"so \[a\] inline"


# --- commands --------------------------------------------------------------------------------------------------------


def test_the_commands_write_files_and_say_what_is_lost(
    tiny_course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bank(tiny_course.root / "solutions" / "90_tiny")
    monkeypatch.chdir(tiny_course.root)

    def run(*arguments: str) -> tuple[str, str]:
        if arguments[0] == "check":
            with pytest.raises(SystemExit, match="0"):
                cli.main(["quiz", *arguments], standalone_mode=False)
        else:
            cli.main(["quiz", *arguments], standalone_mode=False)
        return capsys.readouterr()

    out, _ = run("check", "--seeds", "20")
    assert out.startswith(
        "90_tiny v3: 6 questions (single, multiple, true_false, numeric, short, matching), 1 parameterised"
    )
    for name in FORMATS:
        first, again = (tiny_course.root / f"{name}.{n}" for n in (1, 2))
        out, lost = run("export", "90_tiny", "--format", name, "--out", str(first), "--lang", "en", "--variants", "3")
        assert "8 questions of 1 banks" in out
        assert ("loses in" in lost) == (name != "moodle-xml")
        run("export", "--format", name, "--out", str(again), "--lang", "en", "--variants", "3")
        assert first.read_bytes() == again.read_bytes()
    _, lost = run("export", "--format", "qti21", "--out", "es.zip")
    assert "90_tiny.mean_square pierde en qti21: las etiquetas." in lost
    run("preview", "--out", "preview.html", "--seed", "5")
    assert "semilla 5" in Path("preview.html").read_text(encoding="utf-8")
    run("sheet", "--out", "sheet.html")
    assert "Soluciones" in Path("sheet.html").read_text(encoding="utf-8")


def test_check_ends_with_1_and_names_the_line(tiny_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (BANK.replace("answer: error", "answer: eror"), BANK.replace("tolerance: 0.1,", "tolerance: 0.001,")):
        path = write_bank(tiny_course.root / "solutions" / "90_tiny", text)
        with pytest.raises(SystemExit) as ended:
            cli.main(["quiz", "check", "--course", str(tiny_course.root)], standalone_mode=False)
        assert ended.value.code == 1
        assert capsys.readouterr().err.startswith(f"{path}:")
