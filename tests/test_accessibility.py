"""Pages that everybody can read: structure and contrast, as far as they can be told without a browser.

`tests/axe.py` asks a real browser and axe-core; it needs Node.js, npm and Chromium, which no Python package brings along.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from autograder import feedback, similarity
from autograder.feedback import class_page, page
from autograder.similarity import compare
from autograder.text import LANGUAGES, Language

from .classroom import classroom, rejected, submission
from .page import Page
from .test_similarity import BODY, RENAMED, wrote

FOLDERS = (Path(feedback.__file__).parent, Path(similarity.__file__).parent)
ALIKE = [compare([wrote("ana", BODY), wrote("eva", RENAMED)], {}, 0.6)]
MADE = {
    "class": lambda language: class_page(classroom(), language, course="Curso"),
    "empty class": lambda language: class_page([], language),
    "feedback": lambda language: page(classroom()[-8], language, course="Curso"),
    "feedback graded": lambda language: page(submission("ana"), language),
    "feedback rejected": lambda language: page(rejected("ana"), language),
    "similar": lambda language: similarity.page(ALIKE, [], language, threshold=0.6, titles={}),
}


@pytest.fixture(params=[(name, language) for name in MADE for language in LANGUAGES], ids="-".join)
def shown(request: pytest.FixtureRequest) -> tuple[Page, Language]:
    name, language = request.param
    return Page(MADE[name](language)), language


def test_a_page_names_its_language_and_has_one_of_each_landmark(shown: tuple[Page, Language]) -> None:
    parsed, language = shown
    assert parsed.html.startswith("<!DOCTYPE html>")
    assert parsed.all("html") == [{"lang": language}]
    # A drawing has a title too, with an id to be named by.
    assert len([title for title in parsed.all("title") if "id" not in title]) == 1
    assert len(parsed.all("h1")) == len(parsed.all("main")) == len(parsed.all("header")) == 1


def test_headings_never_skip_a_level(shown: tuple[Page, Language]) -> None:
    levels = shown[0].headings()
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_leads_to_one(shown: tuple[Page, Language]) -> None:
    parsed = shown[0]
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = {each for _, found in parsed.elements for each in (found.get("aria-labelledby") or "").split()}
    jumps = {(link["href"] or "")[1:] for link in parsed.all("a") if (link["href"] or "").startswith("#")}
    assert labels | jumps <= set(ids)
    assert "results" in jumps


def test_tables_have_a_caption_and_every_heading_says_what_it_heads(shown: tuple[Page, Language]) -> None:
    parsed = shown[0]
    assert len(parsed.all("caption")) == len(parsed.all("table"))
    assert {heading.get("scope") for heading in parsed.all("th")} <= {"col", "row"}


def test_drawings_are_silent_or_have_words_and_images_have_words(shown: tuple[Page, Language]) -> None:
    parsed = shown[0]
    assert all(image["alt"] for image in parsed.all("img"))
    for drawing in parsed.all("svg"):
        assert drawing.get("aria-hidden") == "true" or (drawing["role"] == "img" and drawing["aria-labelledby"])


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(shown: tuple[Page, Language]) -> None:
    for _, attributes in shown[0].elements:
        if (attributes.get("class") or "").split()[:1] in (["scroll"], ["code"], ["html"]):
            assert attributes["tabindex"] == "0"
            assert attributes["role"] == "group"
            assert attributes.get("aria-label") or attributes.get("aria-labelledby")


# --- contrast (WCAG 2.2, 1.4.3) --------------------------------------------------------------------------------------

ON_PAPER = ("ink", "quiet", "link", "unjudged", "passed", "failed")
PAIRS = [
    *((ink, ground) for ink in ON_PAPER for ground in ("paper", "card")),
    *((ink, "card") for ink in ("word", "text", "figure", "name", "aside")),
    *((ink, ground) for ink in ("ink", "quiet", "link", "failed") for ground in ("failed-soft", "soft")),
    *((ink, "unjudged-soft") for ink in ("ink", "quiet", "link", "unjudged")),
    *(("ink", f"l{level}") for level in range(5)),
    ("ink", "mark"),
    ("on-loud", "loud"),
    ("paper", "ink"),
]
LEAST = 4.5


def colours() -> dict[str, dict[str, str]]:
    """The colours by theme, taken from the style sheets."""
    themes: dict[str, dict[str, str]] = {"light": {}, "dark": {}, "print": {}}
    for path in (FOLDERS[0] / "base.css", FOLDERS[0] / "class.css", FOLDERS[1] / "similar.css"):
        css = path.read_text(encoding="utf-8")
        light, dark, paper = css.partition("@media (prefers-color-scheme: dark)")[0], "", ""
        dark = css.split("@media (prefers-color-scheme: dark)")[1].split("}")[0]
        paper = css.split("@media print")[1].split("}")[0]
        for theme, text in (("light", light), ("dark", dark), ("print", paper)):
            themes[theme] |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", text))
    return {theme: themes["light"] | found for theme, found in themes.items()}


def luminance(colour: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb` (WCAG 2.2, definition)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_the_standard_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    found = colours()[theme]
    weak = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < LEAST} == {}


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_bars_and_signs_stand_out_from_what_they_are_drawn_on(theme: str) -> None:
    found = colours()[theme]
    pairs = [("bar", "paper"), ("failed", "card"), ("unjudged", "card"), ("on-mark", "failed"), ("bar", "line")]
    assert {pair for pair in pairs if contrast(found[pair[0]], found[pair[1]]) < 3} == set()
