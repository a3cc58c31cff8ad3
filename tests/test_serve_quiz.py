"""Quizzes in the service: drawn once per attempt, marked by the bank, told about afterwards and not before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item
from autograder.quiz.marking import Unclear, fits, mark, number
from autograder.serve.quizzes import Drawn, drawn, seed_of
from autograder.serve.tables import Audit
from autograder.text import LANGUAGES, Language

from .clock import START, Clock
from .page import Page
from .quiz_sample import responses, sample, worth, write_bank
from .service import Running, hidden, serving


@pytest.fixture
def here(tiny_course: Any, tmp_path: Path) -> Iterator[Running]:
    """A service with a quiz of every kind of question."""
    write_bank(tiny_course.root / "solutions" / "90_tiny")
    with serving(tiny_course, tmp_path / "service", Clock()) as running:
        yield running


def _given(item: Item, response: object) -> list[str]:
    """A response of the sample's oracle as a form sends it."""
    if isinstance(response, frozenset):
        return [str(each) for each in sorted(response)]
    if isinstance(response, tuple):
        rights = item.rights()
        return [str(rights.index(each)) if each in rights else "" for each in response]
    return [repr(response) if isinstance(response, float) else str(response)]


def test_every_kind_of_answer_is_worth_what_the_documentation_says(tmp_path: Path) -> None:
    seen = set()
    for language in LANGUAGES:
        for plain in sample(tmp_path, language).items:
            item = plain.arranged()
            for response in responses(item):
                given = _given(item, response)
                if any(given):
                    assert mark(item, given).fraction == pytest.approx(worth(item, response)), (item.id, response)
                    seen.add((item.kind, round(worth(item, response))))
    assert {kind for kind, _ in seen} == set(Kind)
    assert {100, 0} <= {points for _, points in seen}
    assert len({points for _, points in seen}) > 4


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,25", 0.25),
        ("0.25", 0.25),
        (" −3 ", -3.0),
        ("1e-3", 0.001),
        ("1,5·10⁻⁶", 1.5e-6),
        ("2 x 10^3", 2000.0),
        ("+.5", 0.5),
        ("1\u00a0000,5", 1000.5),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, value: float) -> None:
    assert number(typed) == pytest.approx(value)


@pytest.mark.parametrize("typed", ["", "nan", "inf", "1e999", "1_000", "1,000.5", "0x10", "uno", "--1", "1e9999999"])
def test_what_is_no_number_is_told_to_be_none(typed: str) -> None:
    with pytest.raises(Unclear):
        number(typed)


def test_words_fit_with_their_stars_and_without_regard_to_spaces_and_case() -> None:
    assert fits("*igmoid*", "  la  SIGMOIDE ")
    assert fits("a\\*b", "A*B")
    assert not fits("a\\*b", "axb")
    assert not fits("relu", "relu6")
    assert not fits("ReLU", "relu", case_sensitive=True)
    assert fits("(.+)", "(.+)")
    assert not fits("(.+)", "abc")


def test_what_no_form_of_ours_would_send_is_unclear(tmp_path: Path) -> None:
    items = {item.id: item.arranged() for item in sample(tmp_path).items}
    for name, given in (
        ("nabla", ["3"]),
        ("nabla", ["-1"]),
        ("nabla", ["0", "1"]),
        ("laws", ["0", "x"]),
        ("partners", ["0"]),
        ("activation", ["a", "b"]),
    ):
        with pytest.raises(Unclear):
            mark(items[name], given)
    assert mark(items["nabla"], []).fraction == 0
    assert mark(items["partners"], ["", "", ""]).parts == ()


def _asked(here: Running, who: str, number: int = 1, language: Language = "en") -> Drawn:
    """What the service draws, from its own secret."""
    secret = here.service.secret
    return drawn(secret, here.service.banks["90_tiny"], language, seed_of(secret, here.quiz, here.person(who), number))


def _right(item: Item) -> list[str]:
    """The right answer as a form sends it."""
    if item.pairs:
        return [str(item.rights().index(right)) for _, right in item.pairs]
    if item.options:
        return [str(place) for place, option in enumerate(item.options) if option.correct]
    return [item.accepted[0].shown if item.accepted else item.typed[0].pattern]


def _hand_in(client: httpx.Client, here: Running, answers: list[list[str]], page: str = "") -> httpx.Response:
    """Fill in the form and send it."""
    page = page or client.get(f"/activities/{here.quiz}/quiz").text
    fields: dict[str, Any] = {name: hidden(page, name) for name in ("csrf", "number", "seal", "language_shown")}
    for place, answer in enumerate(answers):
        if f'name="q{place}.0"' in page:
            fields |= {f"q{place}.{pair}": each for pair, each in enumerate(answer)}
        else:
            fields[f"q{place}"] = answer
    return client.post(f"/activities/{here.quiz}/quiz", data=fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_right_answers_give_all_points_in_either_language(here: Running, language: Language) -> None:
    ana = here.browser("ana", language)
    sent = _hand_in(ana, here, [_right(item) for item in _asked(here, "ana", language=language).items])
    assert sent.status_code == 303
    page = Page(ana.get(sent.headers["location"]).text)
    assert ("de 7 puntos" if language == "es" else "out of 7 points") in page.text
    assert page.text.count("Incorrecta" if language == "es" else "Wrong") == 0
    attempt = here.attempts("ana", here.quiz)[0]
    assert (attempt.status, attempt.score, attempt.max_score) == ("graded", 7.0, 7.0)
    with here.service.database.read() as db:
        assert db.query(Audit).filter_by(action="attempt.quiz").count() == 1


def test_wrong_partial_and_missing_answers_are_marked_and_told_one_by_one(here: Running) -> None:
    ana = here.browser("ana", "es")
    items = {item.id: item for item in _asked(here, "ana", language="es").items}
    square = items["mean_square"].accepted[0]
    half = next(str(place) for place, each in enumerate(items["nabla"].options) if each.mistake == "nothing")
    rights = items["partners"].rights()
    answers = {
        # Within the wider band: half of two points. A comma, as it is written in Spanish.
        "mean_square": [f"{square.value + 0.05:.4f}".replace(".", ",")],
        "nabla": [half],
        "laws": ["0", "1", "3"],
        "training_accuracy": ["0"],
        "activation": [""],
        "partners": [str(rights.index("uno")), str(rights.index("tres")), ""],
    }
    sent = _hand_in(ana, here, [answers[name] for name in items])
    text = Page(ana.get(sent.headers["location"]).text).text
    attempt = here.attempts("ana", here.quiz)[0]
    # laws: two thirds right, all of them lost to the wrong one; partners: one of three.
    assert attempt.score == pytest.approx(1.0 + 0.33 + 0 + 0 + 0 + 0.33)
    for told in (
        "Casi.",
        "A medias",
        "Sí, 1.",
        "No, 4.",
        "Mide lo memorizado.",
        "(sin respuesta)",
        "Explicación. Tres.",
    ):
        assert told in text, told
    assert "Te ha faltado elegir una opción correcta" in text
    assert text.count("Correcta en parte") >= 3


def test_the_page_tells_no_answer_before_it_is_handed_in(here: Running) -> None:
    html = here.browser("ana", "es").get(f"/activities/{here.quiz}/quiz").text.partition("<main")[2]
    for item in _asked(here, "ana", language="es").items:
        assert item.feedback not in html
        for each in (*item.options, *item.accepted, *item.typed):
            # One feedback reads like the text of another question's choice.
            assert not each.feedback or each.feedback in ("No.",) or each.feedback not in html
            assert not each.mistake or each.mistake not in html
        assert not item.accepted or f">{item.accepted[0].shown}<" not in html
        assert not item.typed or item.typed[0].pattern not in html
    assert "fraction" not in html
    assert 'value=""' in html


def test_one_attempt_is_one_draw_however_often_it_is_looked_at(here: Running) -> None:
    ana, bruno = here.browser("ana"), here.browser("bruno")
    seals = {hidden(ana.get(f"/activities/{here.quiz}/quiz").text, "seal") for _ in range(3)}
    assert len(seals) == 1
    assert hidden(bruno.get(f"/activities/{here.quiz}/quiz").text, "seal") not in seals
    _hand_in(ana, here, [])
    assert hidden(ana.get(f"/activities/{here.quiz}/quiz").text, "seal") not in seals


def test_a_form_sent_twice_is_one_attempt_and_an_old_one_with_other_answers_none(here: Running) -> None:
    ana = here.browser("ana")
    page = ana.get(f"/activities/{here.quiz}/quiz").text
    answers = [_right(item) for item in _asked(here, "ana").items]
    first, again = _hand_in(ana, here, answers, page), _hand_in(ana, here, answers, page)
    assert first.headers["location"] == again.headers["location"]
    other = _hand_in(ana, here, [["1"], *answers[1:]], page)
    assert other.status_code == 409
    assert "handed in before" in Page(other.text).text
    assert len(here.attempts("ana", here.quiz)) == 1


def test_a_word_where_a_number_is_asked_for_is_told_and_nothing_that_was_typed_is_lost(here: Running) -> None:
    ana = here.browser("ana", "es")
    answers = [_right(item) for item in _asked(here, "ana", language="es").items]
    place = next(at for at, item in enumerate(_asked(here, "ana").items) if item.kind is Kind.NUMERIC)
    sent = _hand_in(ana, here, [*answers[:place], ["unos <b>tres"], *answers[place + 1 :]])
    assert sent.status_code == 422
    page = Page(sent.text)
    assert f"En la pregunta {place + 1} has escrito" in page.text
    typed = [field["value"] for field in page.all("input") if field.get("type") == "text"]
    assert typed == ["unos <b>tres", "sigmoide"]
    assert sum("checked" in field for field in page.all("input")) == 5
    assert sent.text.count(" selected") == 3
    assert here.attempts("ana", here.quiz) == []


def test_forged_answers_are_refused(here: Running) -> None:
    ana = here.browser("ana")
    choice = next(at for at, item in enumerate(_asked(here, "ana").items) if item.id == "nabla")
    assert _hand_in(ana, here, [*([[""]] * choice), ["77"]]).status_code == 400
    assert ana.post(f"/activities/{here.quiz}/quiz", data={"q0": "1"}).status_code == 403
    assert here.attempts("ana", here.quiz) == []


def test_a_closed_quiz_shows_no_questions_and_takes_no_answers(here: Running) -> None:
    ana = here.browser("ana", "es")
    page = ana.get(f"/activities/{here.quiz}/quiz").text
    here.change(here.quiz, closes_at=START + timedelta(hours=1))
    here.clock.move(hours=1)
    assert ana.get(f"/activities/{here.quiz}/quiz").headers["location"] == f"/activities/{here.quiz}"
    assert _hand_in(ana, here, [], page).headers["location"] == f"/activities/{here.quiz}"
    assert "ya está cerrada" in Page(ana.get(f"/activities/{here.quiz}").text).text
    assert here.attempts("ana", here.quiz) == []


def test_the_last_attempt_is_the_last(here: Running) -> None:
    here.change(here.quiz, max_attempts=1)
    ana = here.browser("ana")
    assert "1 of 1 left" in Page(ana.get(f"/activities/{here.quiz}").text).text
    assert "/attempts/" in _hand_in(ana, here, []).headers["location"]
    assert ana.get(f"/activities/{here.quiz}/quiz").status_code == 303
    assert "used all attempts" in Page(ana.get(f"/activities/{here.quiz}").text).text


def test_nobody_sees_the_answers_of_another(here: Running) -> None:
    ana, bruno, emmy = here.browser("ana"), here.browser("bruno"), here.browser("emmy")
    path = _hand_in(ana, here, []).headers["location"]
    assert bruno.get(path).status_code == 404
    assert emmy.get(path).status_code == 200
    for part in ("/feedback", "/receipt", "/notebook"):
        assert ana.get(path + part).status_code == 404
    assert "quiz has no notebook" in ana.get(path + "/notebook").text
    assert ana.get(f"/activities/{here.activity}/quiz").status_code == 404


def test_after_the_bank_has_changed_the_points_stay_and_the_answers_are_not_shown_with_other_questions(
    here: Running,
) -> None:
    ana = here.browser("ana")
    page = ana.get(f"/activities/{here.quiz}/quiz").text
    path = _hand_in(ana, here, [_right(item) for item in _asked(here, "ana").items], page).headers["location"]
    second = ana.get(f"/activities/{here.quiz}/quiz").text
    bank = here.service.banks["90_tiny"]
    here.service.banks["90_tiny"] = replace(bank, version=4)
    text = Page(ana.get(path).text).text
    assert "questions have changed since" in text
    assert "Question 1: 2 out of 2" in text
    late = _hand_in(ana, here, [], second)
    assert late.status_code == 409
    assert len(here.attempts("ana", here.quiz)) == 1
    kept = json.loads(here.attempts("ana", here.quiz)[0].answers or "")
    assert set(kept) == {"language", "seed", "seal", "given", "points"}


def test_every_control_has_a_name_and_every_formula_is_drawn_without_a_script(here: Running) -> None:
    html = here.browser("ana", "es").get(f"/activities/{here.quiz}/quiz").text
    page = Page(html)
    labels = {each["for"] for each in page.all("label")}
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for control in [*page.all("input", "select")]:
        assert control.get("type") == "hidden" or control["id"] in labels, control
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= ids
    assert "<math" in html
    assert not re.search(r"\\\(|\\frac|style=", html.partition("<main")[2])
