"""From `quiz.yaml` to a `Bank`: every rule of docs/quiz.md that holds whatever is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError, UsageError
from autograder.quiz import bank as records
from autograder.quiz.bank import FILE, FRACTIONS, Bank, Choice, Draw, Kind, Pair, Question, Word
from autograder.quiz.figures import check_figure
from autograder.quiz.formula import Formula, check_name, parse
from autograder.quiz.prose import Prose, prose
from autograder.quiz.source import Entry, Place, read, unique
from autograder.text import Text, near

PENALTY = 0.3333333
"""Moodle's."""
_ID = re.compile(r"[a-z][a-z0-9_]*")
_TAG = re.compile(r"\w[\w .+-]*")
_MANY = 100_000
"""Values that a parameter may be drawn from; more are not told apart by anybody."""
_TRUE = Text(es="Verdadero", en="True")
_FALSE = Text(es="Falso", en="False")

_COMMON = ("tags", "points", "penalty", "figure", "figure_alt", "draw", "let", "require", "notebook")
_OF_KIND: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kind.SINGLE: (("choices",), ("shuffle",)),
    Kind.MULTIPLE: (("choices",), ("shuffle",)),
    Kind.TRUE_FALSE: (("answer", "mistake", "feedback_wrong", "feedback_right"), ()),
    Kind.NUMERIC: (("answer", "tolerance", "wrong"), ("bands", "decimals")),
    Kind.SHORT: (("answers",), ("case_sensitive",)),
    Kind.MATCHING: (("pairs",), ("extra", "shuffle")),
}
"""The keys of each kind: needed, and possible."""


def banks(course: Course, names: tuple[str, ...] = ()) -> tuple[Bank, ...]:
    """The banks of the named assignments; of all that have one, when none is named.

    Raises:
        UsageError: there is no such assignment, or it has no bank.
        CourseError: a bank breaks a rule; one line for each question that does.
    """
    return tuple(load(assignment) for assignment in with_bank(course, names))


def with_bank(course: Course, names: tuple[str, ...] = ()) -> tuple[Assignment, ...]:
    """The assignments that have a bank, of those named or of all.

    Raises:
        UsageError: there is no such assignment, or it has no bank.
    """
    chosen = course.select(names)
    for assignment in chosen:
        if names and not (assignment.folder / FILE).is_file():
            raise UsageError(f"{assignment.name} has no quiz bank: write {assignment.folder / FILE}.")
    return tuple(assignment for assignment in chosen if (assignment.folder / FILE).is_file())


def load(assignment: Assignment) -> Bank:
    """The bank of one assignment.

    Raises:
        CourseError: it breaks a rule; one line for each question that does.
    """
    return read_bank(assignment.folder / FILE, assignment.name)


def read_bank(path: Path, name: str) -> Bank:
    """The bank in the file at `path`, for the assignment `name`.

    Raises:
        CourseError: it breaks a rule; one line for each question that does.
    """
    top = read(path).mapping(("version", "title", "questions"))
    questions: list[Question] = []
    places: dict[str, Place] = {}
    faults: list[str] = []
    for entry in top["questions"].items("a question"):
        try:
            question = _question(entry)
            unique(places, question.id, question.place, "questions")
            places[question.id] = question.place
            questions.append(question)
        except CourseError as error:
            faults.append(str(error))
    if faults:
        raise CourseError("\n".join(faults))
    return Bank(name, path, top["version"].whole(), top["title"].text(), tuple(questions))


def _question(entry: Entry) -> Question:
    every = ("id", "kind", "text", "feedback")
    kinds = [kind.value for kind in Kind]
    given = entry.entries()
    if "kind" not in given:
        raise entry.place.error(f"a question lacks the key 'kind'; it is one of {', '.join(kinds)}.")
    kind = given["kind"].string()
    if kind not in kinds:
        raise given["kind"].place.error(f"no question is of the kind {kind!r}; {near(kind, kinds)}")
    chosen = Kind(kind)
    needed, possible = _OF_KIND[chosen]
    entry = Entry(entry.path, entry.node, f"a {kind} question")
    keys = entry.mapping((*every, *needed), (*_COMMON, *possible))
    id_ = _word(keys["id"], _ID, "a name of a-z, 0-9 and _, beginning with a letter")
    draws, lets, requires = _parameters(keys)
    known = [*(draw.name for draw in draws), *(name for name, _ in lets)]
    tags = keys["tags"].items("a tag", least=0) if "tags" in keys else []
    return Question(
        id=id_,
        place=keys["id"].place,
        kind=chosen,
        tags=tuple(_word(tag, _TAG, "a word of letters, digits, spaces and .+-") for tag in tags),
        points=_positive(keys["points"]) if "points" in keys else 1.0,
        penalty=keys["penalty"].number(0, 1) if "penalty" in keys else _penalty(chosen),
        text=_prose(keys["text"], known),
        feedback=_prose(keys["feedback"], known),
        **_figure(keys, known),
        draws=draws,
        lets=lets,
        requires=requires,
        in_notebook=keys["notebook"].boolean() if "notebook" in keys else True,
        shuffle=keys["shuffle"].boolean() if "shuffle" in keys else True,
        **_READERS[chosen](keys, known),
    )


def _penalty(kind: Kind) -> float:
    # After one try at true or false there is nothing left to find out.
    return 1.0 if kind is Kind.TRUE_FALSE else PENALTY


def _figure(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    if ("figure" in keys) != ("figure_alt" in keys):
        have, lack = ("figure", "figure_alt") if "figure" in keys else ("figure_alt", "figure")
        raise keys[have].place.error(f"{have} stands without {lack}; a figure has both a file and its description.")
    if "figure" not in keys:
        return {"figure": None, "figure_alt": None}
    entry = keys["figure"]
    return {
        "figure": check_figure(entry.path.parent, entry.string(), entry.place),
        "figure_alt": _prose(keys["figure_alt"], known),
    }


# --- parameters ------------------------------------------------------------------------------------------------------


def _parameters(
    keys: dict[str, Entry],
) -> tuple[tuple[Draw, ...], tuple[tuple[str, Formula], ...], tuple[Formula, ...]]:
    places: dict[str, Place] = {}
    draws: list[Draw] = []
    for name, entry in (keys["draw"].entries() if "draw" in keys else {}).items():
        check_name(name, entry.place)
        places[name] = entry.place
        draws.append(_draw(name, entry))
    if "draw" in keys and not draws:
        raise keys["draw"].place.error("draw names no parameter; leave it out, or draw one.")
    lets: list[tuple[str, Formula]] = []
    for name, entry in (keys["let"].entries() if "let" in keys else {}).items():
        check_name(name, entry.place)
        unique(places, name, entry.place, "parameters")
        lets.append((name, parse(entry.string(), entry.place, places)))
        places[name] = entry.place
    requires = keys["require"].items("a condition") if "require" in keys else []
    if requires and not draws:
        raise keys["require"].place.error("require stands without draw; nothing can be drawn again.")
    return tuple(draws), tuple(lets), tuple(parse(entry.string(), entry.place, places) for entry in requires)


def _draw(name: str, entry: Entry) -> Draw:
    kinds = {
        "integer": ((), ()),
        "decimal": (("step",), ()),
        "choice": ((), ()),
        "integers": (("size",), ("distinct",)),
    }
    found = entry.entries()
    kind = next(iter(found), "")
    if kind not in kinds:
        raise entry.place.error(f"{name} is not drawn as {kind!r}; {near(kind, kinds)}")
    needed, possible = kinds[kind]
    keys = Entry(entry.path, entry.node, f"{kind} of {name}").mapping((kind, *needed), possible)
    if kind == "choice":
        items = keys[kind].items("a value to choose", least=2)
        return Draw(name, entry.place, tuple(_scalar(item) for item in items))
    step = keys["step"].decimal() if "step" in keys else Decimal(1)
    values = _range(keys[kind], step, whole=kind != "decimal")
    if "size" not in keys:
        return Draw(name, entry.place, values)
    size = keys["size"].whole()
    distinct = keys["distinct"].boolean() if "distinct" in keys else False
    if distinct and size > len(values):
        raise keys["size"].place.error(f"{name} has {size} distinct values, but only {len(values)} to draw from.")
    return Draw(name, entry.place, values, size, distinct)


def _scalar(item: Entry) -> int | float | str:
    if not item.is_number:
        return item.string()
    value = item.decimal()
    return int(value) if value == value.to_integral_value() and "." not in item.string() else float(value)


def _range(entry: Entry, step: Decimal, whole: bool) -> tuple[int | float, ...]:
    ends = entry.items("an end of the range", least=2)
    if len(ends) != 2:
        raise entry.error("the lowest and the highest value, [low, high]")
    low, high = (end.decimal() for end in ends)
    if whole and any(end != end.to_integral_value() for end in (low, high)):
        raise entry.error("two whole numbers")
    if step <= 0 or low >= high or (high - low) % step:
        raise entry.place.error(
            f"from {low} to {high} there is no whole number of steps of {step}; both ends are drawn too."
        )
    count = int((high - low) / step) + 1
    if count > _MANY:
        raise entry.place.error(f"from {low} to {high} there are {count} values; {_MANY} at most.")
    # Decimal, since 0.1 + 0.1 + 0.1 is not the 0.3 that is shown.
    values = [low + step * index for index in range(count)]
    return tuple(int(value) for value in values) if whole else tuple(float(value) for value in values)


# --- answers ---------------------------------------------------------------------------------------------------------


def _choices(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    multiple = keys["kind"].string() == Kind.MULTIPLE
    # Of two single choices one is right by halves; that is what true or false is for.
    entries = keys["choices"].items("a choice", least=2 if multiple else 3)
    found = [entry.mapping(("feedback",), ("text", "value", "correct", "mistake", "fraction")) for entry in entries]
    right = [_is_right(each) for each in found]
    place = keys["choices"].place
    if sum(right) != 1 and not multiple:
        raise place.error(f"{sum(right)} choices of a single question are correct; exactly one is.")
    if multiple and (all(right) or not any(right)):
        raise place.error("of a multiple question some choices are correct and some are wrong; here all are alike.")
    shares = {True: _share(sum(right), place), False: -_share(len(right) - sum(right), place) if multiple else 0.0}
    if not multiple:
        shares[True] = 100.0
    choices = tuple(
        _choice(entry, each, is_right, shares[is_right], known)
        for entry, each, is_right in zip(entries, found, right, strict=True)
    )
    for choice in choices:
        if choice.correct and choice.fraction <= 0:
            raise choice.place.error(f"a correct choice is worth {choice.fraction:g} %; expected more than 0.")
        if not choice.correct and (choice.fraction > 0 if multiple else choice.fraction == 100):
            raise choice.place.error(f"a wrong choice is worth {choice.fraction:g} %; expected less.")
    total = sum(choice.fraction for choice in choices if choice.correct)
    if abs(total - 100) > 0.01:
        raise place.error(f"the correct choices are worth {total:g} % together; expected 100.")
    return {"choices": choices}


def _is_right(keys: dict[str, Entry]) -> bool:
    return "correct" in keys and keys["correct"].boolean()


def _share(count: int, place: Place) -> float:
    """What each of `count` choices is worth when they share 100 %."""
    for fraction in FRACTIONS:
        if abs(fraction * count - 100) < Decimal("0.001"):
            return float(fraction)
    raise place.error(f"Moodle has no fraction for one of {count} choices; write fewer, or give each its `fraction`.")


def _choice(entry: Entry, keys: dict[str, Entry], right: bool, share: float, known: list[str]) -> Choice:
    if ("text" in keys) == ("value" in keys):
        raise entry.place.error(
            "a choice has either a text or a value; this one has " + ("both." if "text" in keys else "none.")
        )
    return Choice(
        place=entry.place,
        text=_prose(keys["text"], known) if "text" in keys else None,
        value=_formula(keys["value"], known) if "value" in keys else None,
        fraction=_fraction(keys["fraction"]) if "fraction" in keys else share,
        correct=right,
        mistake=_mistake(entry, keys, right),
        feedback=_prose(keys["feedback"], known),
    )


def _true_false(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    answer = keys["answer"].boolean()
    mistake = _word(keys["mistake"], _ID, "a short name of the misconception, of a-z, 0-9 and _")
    right, wrong = (_prose(keys[f"feedback_{which}"], known) for which in ("right", "wrong"))
    choices = []
    for says, text in ((True, _TRUE), (False, _FALSE)):
        correct = says is answer
        place = keys["answer"].place
        told = prose(text, place, ())
        worth, name, feedback = (100.0, None, right) if correct else (0.0, mistake, wrong)
        choices.append(Choice(place, told, None, worth, correct, name, feedback))
    return {"choices": tuple(choices)}


def _numeric(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    bands = []
    for entry in keys["bands"].items("a band") if "bands" in keys else []:
        each = entry.mapping(("tolerance", "fraction", "feedback"))
        fraction = _fraction(each["fraction"])
        if not 0 < fraction < 100:
            raise each["fraction"].error("a part of the points, between 0 and 100")
        bands.append(records.Band(_formula(each["tolerance"], known), fraction, _prose(each["feedback"], known)))
    for before, after in pairwise(bands):
        if after.fraction >= before.fraction:
            raise after.tolerance.place.error(
                "a wider band is worth as much as a narrower one; narrow bands come first and earn more."
            )
    wrong = []
    for entry in keys["wrong"].items("a wrong value"):
        each = entry.mapping(("value", "mistake", "feedback"))
        mistake = _word(each["mistake"], _ID, "a short name of the misconception, of a-z, 0-9 and _")
        wrong.append(records.Wrong(_formula(each["value"], known), mistake, _prose(each["feedback"], known)))
    number = records.Number(
        answer=_formula(keys["answer"], known),
        tolerance=_formula(keys["tolerance"], known),
        bands=tuple(bands),
        wrong=tuple(wrong),
        decimals=keys["decimals"].whole(0) if "decimals" in keys else None,
    )
    return {"number": number}


def _short(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    words = []
    for entry in keys["answers"].items("an answer"):
        each = entry.mapping(("text", "fraction", "feedback"), ("mistake",))
        fraction = _fraction(each["fraction"])
        if fraction < 0:
            raise each["fraction"].error("0 or more: a typed word takes no points away")
        mistake = _mistake(entry, each, fraction == 100, optional=fraction > 0)
        words.append(Word(entry.place, _prose(each["text"], known), fraction, mistake, _prose(each["feedback"], known)))
    if not any(word.fraction == 100 for word in words):
        raise keys["answers"].place.error("no answer is worth 100 %; one must be.")
    sensitive = keys["case_sensitive"].boolean() if "case_sensitive" in keys else False
    return {"words": tuple(words), "case_sensitive": sensitive}


def _matching(keys: dict[str, Entry], known: list[str]) -> dict[str, Any]:
    pairs = []
    for entry in keys["pairs"].items("a pair", least=3):
        each = entry.mapping(("left", "right"))
        pairs.append(Pair(_prose(each["left"], known), _prose(each["right"], known)))
    extra = keys["extra"].items("an extra right side", least=0) if "extra" in keys else []
    return {"pairs": tuple(pairs), "extra": tuple(_prose(entry, known) for entry in extra)}


_READERS: dict[Kind, Callable[[dict[str, Entry], list[str]], dict[str, Any]]] = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.TRUE_FALSE: _true_false,
    Kind.NUMERIC: _numeric,
    Kind.SHORT: _short,
    Kind.MATCHING: _matching,
}


# --- single values ---------------------------------------------------------------------------------------------------


def _prose(entry: Entry, known: Iterable[str]) -> Prose:
    return prose(entry.text(), entry.place, known)


def _formula(entry: Entry, known: Iterable[str]) -> Formula:
    return parse(entry.string(), entry.place, known)


def _word(entry: Entry, pattern: re.Pattern[str], expected: str) -> str:
    word = entry.string()
    if not pattern.fullmatch(word):
        raise entry.error(expected)
    return word


def _mistake(entry: Entry, keys: dict[str, Entry], right: bool, optional: bool = False) -> str | None:
    if right and "mistake" in keys:
        raise keys["mistake"].place.error("a right answer comes from no mistake; leave it out.")
    if "mistake" in keys:
        return _word(keys["mistake"], _ID, "a short name of the misconception, of a-z, 0-9 and _")
    if not right and not optional:
        raise entry.place.error(
            f"{entry.what} is wrong but lacks the key 'mistake': a short name of the misconception."
        )
    return None


def _positive(entry: Entry) -> float:
    value = entry.number(0)
    if not value:
        raise entry.error("more than 0")
    return value


def _fraction(entry: Entry) -> float:
    value = entry.decimal()
    for fraction in (Decimal(0), *FRACTIONS):
        if abs(abs(value) - fraction) < Decimal("0.001"):
            return float(fraction.copy_sign(value)) if fraction else 0.0
    near_by = min(FRACTIONS, key=lambda fraction: abs(abs(value) - fraction)).copy_sign(value)
    raise entry.error(f"one of Moodle's fractions; the nearest is {near_by}")
