"""A quiz: its questions as a form that works without a script, marked here, and what is told about the answers afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.responses import Response

from autograder.quiz import Bank, Item
from autograder.quiz import Kind as Asked
from autograder.quiz.figures import data_uri
from autograder.quiz.marking import MAX_TYPED, Marked, Unclear, mark
from autograder.quiz.rendering import html, is_plain, plain
from autograder.serve import attempts, postings
from autograder.serve.quizzes import Answers, Drawn, drawn, score_of, seed_of
from autograder.serve.tables import Attempt, Kind, Role
from autograder.serve.web.routes import FORGED, NOT_FOUND, Access, Refusal, Visit, get, post
from autograder.serve.web.service import Service
from autograder.serve.web.student_words import NO_NUMBER, OTHER_QUESTIONS, filled
from autograder.text import LANGUAGES, Language, Text

if TYPE_CHECKING:
    from markupsafe import Markup

_NO_ANSWERS: tuple[tuple[str, ...], ...] = ()


@get("/activities/{activity:id}/quiz", Access.MEMBER)
def questions(visit: Visit) -> Response:
    """The questions of the next attempt. They are the same however often the page is opened."""
    bank = _bank(visit)
    try:
        attempts.admit(visit.db, visit.here, visit.someone, visit.service.clock())
    except attempts.Refused:
        # The activity's page says why.
        return visit.redirect(_activity_path(visit))
    return _page(visit, _next(visit, bank, visit.language))


@post("/activities/{activity:id}/quiz", Access.MEMBER)
def hand_in(visit: Visit) -> Response:
    """Mark what was answered, and keep both as one attempt."""
    bank, form, now = _bank(visit), visit.form, visit.service.clock()
    attempts.lock(visit.db, visit.someone)
    asked = _next(visit, bank, _language(form, visit.language))
    number = attempts.next_number(visit.db, visit.here.id, visit.someone.id)
    given = [_given(form, place, item) for place, item in enumerate(asked.items)]
    if form.get("number") != str(number) or form.get("seal") != asked.seal:
        return _other_questions(visit, bank, form)
    problems: dict[int, Text] = {}
    marked: list[Marked] = []
    for place, (item, answer) in enumerate(zip(asked.items, given, strict=True)):
        try:
            marked.append(mark(item, answer))
        except Unclear as error:
            if item.kind is not Asked.NUMERIC:
                raise Refusal(400, FORGED) from error
            problems[place] = filled(NO_NUMBER, number=place + 1, typed=f"«{plain(answer[0])[:40]}»")
    if problems:
        return _page(visit, asked, given, problems, 422)
    try:
        attempt = attempts.hand_in_quiz(
            visit.db,
            visit.here,
            visit.someone,
            answers=Answers.of(asked, marked).to_json(),
            score=score_of(marked),
            max_score=asked.max_score,
            now=now,
        )
    except attempts.Refused:
        return visit.redirect(_activity_path(visit))
    if not attempt.trial:
        postings.update(visit.db, visit.here, visit.someone.id, now)
    return visit.redirect(f"/attempts/{attempt.token}")


@dataclass(frozen=True)
class Answered:
    """What a page tells about an attempt at a quiz."""

    language: Language
    marked: Sequence[Marked] | None
    """`None` where the questions have changed since."""
    points: Sequence[tuple[float, float]]
    """Of each question: earned, and how many there are."""

    def rich(self, markdown: str) -> Markup:
        """A text of a question as HTML."""
        return _rich(markdown)

    def source(self, item: Item) -> str:
        """Its figure."""
        return data_uri(item.figure) if item.figure else ""


def answered(service: Service, attempt: Attempt) -> Answered:
    """The answers of an attempt at a quiz, with what is told about them."""
    assert attempt.answers is not None
    answers = Answers.from_json(attempt.answers)
    marked = answers.marked(service.secret, service.banks.get(attempt.activity.name))
    return Answered(answers.language, marked, list(answers.points.values()))


def _bank(visit: Visit) -> Bank:
    bank = visit.service.banks.get(visit.here.name)
    if visit.here.kind != Kind.QUIZ or bank is None:
        raise Refusal(404, NOT_FOUND)
    return bank


def _next(visit: Visit, bank: Bank, language: Language) -> Drawn:
    number = attempts.next_number(visit.db, visit.here.id, visit.someone.id)
    secret = visit.service.secret
    return drawn(secret, bank, language, seed_of(secret, visit.here.id, visit.someone.id, number))


def _other_questions(visit: Visit, bank: Bank, form: FormData) -> Response:
    """The form is of an attempt that was made already, or the bank has changed."""
    before = visit.db.scalars(
        select(Attempt).where(
            Attempt.activity_id == visit.here.id,
            Attempt.person_id == visit.someone.id,
            Attempt.number == _whole(form.get("number")),
        )
    ).one_or_none()
    if before is not None and before.answers is not None:
        kept = Answers.from_json(before.answers)
        then = drawn(visit.service.secret, bank, kept.language, kept.seed)
        given = {item.id: _given(form, place, item) for place, item in enumerate(then.items)}
        if kept.seal == form.get("seal") == then.seal and all(
            list(kept.given[name]) == [each.strip() for each in answer] or not any([*answer, *kept.given[name]])
            for name, answer in given.items()
        ):
            # Sent twice: somebody clicked again.
            return visit.redirect(f"/attempts/{before.token}")
    try:
        attempts.admit(visit.db, visit.here, visit.someone, visit.service.clock())
    except attempts.Refused:
        return visit.redirect(_activity_path(visit))
    return _page(visit, _next(visit, bank, visit.language), status=409, remark=OTHER_QUESTIONS)


def _page(
    visit: Visit,
    asked: Drawn,
    given: Sequence[Sequence[str]] = _NO_ANSWERS,
    problems: dict[int, Text] | None = None,
    status: int = 200,
    remark: Text | None = None,
) -> Response:
    return visit.page(
        "quiz",
        status,
        activity=visit.here,
        title=visit.service.title(visit.here, visit.language),
        number=attempts.next_number(visit.db, visit.here.id, visit.someone.id),
        asked=asked,
        shown=[_shown(item, given[place] if given else ()) for place, item in enumerate(asked.items)],
        problems=problems or {},
        remark=remark,
        max_typed=MAX_TYPED,
        trial=visit.role is Role.TEACHER,
        rich=_rich,
    )


def _shown(item: Item, given: Sequence[str]) -> dict[str, Any]:
    """One question for the template; nothing in it tells the answer."""
    rights = item.rights() if item.pairs else ()
    return {
        "kind": item.kind.value,
        "text": item.text,
        "points": item.points,
        "figure": data_uri(item.figure) if item.figure else "",
        "figure_alt": item.figure_alt,
        "options": [option.text for option in item.options],
        "lefts": [left for left, _ in item.pairs],
        # What a list to choose from cannot show, stands beside it.
        "rights": [(letter, right, plain(right)) for letter, right in zip(ascii_lowercase, rights, strict=False)],
        "lettered": not all(map(is_plain, rights)),
        "given": list(given),
    }


def _given(form: FormData, place: int, item: Item) -> tuple[str, ...]:
    if item.pairs:
        return tuple(str(form.get(f"q{place}.{pair}", "")) for pair in range(len(item.pairs)))
    return tuple(str(each) for each in form.getlist(f"q{place}"))


def _language(form: FormData, default: Language) -> Language:
    return next((each for each in LANGUAGES if each == form.get("language_shown")), default)


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _activity_path(visit: Visit) -> str:
    return f"/activities/{visit.here.id}" + ("?try" if visit.role is Role.TEACHER else "")


def _rich(markdown: str) -> Markup:
    from markupsafe import Markup

    # The renderer escapes HTML in Markdown, so what it makes is ours.
    return Markup(html(markdown, "mathml"))


ADDRESSES = (questions, hand_in)
