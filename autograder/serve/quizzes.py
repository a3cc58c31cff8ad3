"""A quiz as one person gets it for one attempt: the seed decides the numbers, and what was answered is kept with it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.quiz import Bank, Item, quiz
from autograder.quiz.marking import Marked, mark
from autograder.text import Language


@dataclass(frozen=True)
class Drawn:
    """The questions of one attempt, in one language."""

    items: tuple[Item, ...]
    """Their choices in the order in which they are shown."""
    language: Language
    seed: int
    seal: str
    """Of everything about the questions: equal seals, equal questions. It tells nothing to whom the secret is unknown."""

    @property
    def max_score(self) -> float:
        """Points of all questions."""
        return round(sum(item.points for item in self.items), 2)


def seed_of(secret: bytes, activity: int, person: int, number: int) -> int:
    """The seed of one person's attempt: always the same, so that loading the page again draws nothing new; not to be guessed."""
    digest = hmac.new(secret, f"quiz {activity} {person} {number}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def drawn(secret: bytes, bank: Bank, language: Language, seed: int) -> Drawn:
    """The questions of `bank` for `seed`.

    Raises:
        CourseError: a formula of the bank fails.
    """
    items = tuple(item.arranged() for item in quiz(bank, language, seed).items)
    # Where the course lies is no part of a question.
    content = json.dumps([asdict(replace(item, figure=None)) for item in items], ensure_ascii=False, sort_keys=True)
    seal = hmac.new(secret, b"questions " + content.encode(), hashlib.sha256).hexdigest()[:32]
    return Drawn(items, language, seed, seal)


@dataclass(frozen=True)
class Answers:
    """What was answered, as an attempt keeps it."""

    language: Language
    """In which the questions were read: what was typed is in it."""
    seed: int
    seal: str
    given: Mapping[str, Sequence[str]]
    """By the question's id, as `quiz.marking` takes it."""
    points: Mapping[str, tuple[float, float]]
    """By the question's id: earned, and how many there are."""

    @classmethod
    def of(cls, questions: Drawn, marked: Sequence[Marked]) -> Answers:
        """What is kept of a quiz that was just marked."""
        given = {each.item.id: list(each.given) for each in marked}
        points = {each.item.id: (each.points, each.item.points) for each in marked}
        return cls(questions.language, questions.seed, questions.seal, given, points)

    @classmethod
    def from_json(cls, text: str) -> Answers:
        """The inverse of `to_json`."""
        data: dict[str, Any] = json.loads(text)
        points = {name: (earned, of) for name, (earned, of) in data["points"].items()}
        return cls(data["language"], data["seed"], data["seal"], data["given"], points)

    def to_json(self) -> str:
        """For the attempt's row."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def marked(self, secret: bytes, bank: Bank | None) -> list[Marked] | None:
        """The questions with their answers, marked again; `None` where the bank has changed since."""
        if bank is None:
            return None
        questions = drawn(secret, bank, self.language, self.seed)
        if questions.seal != self.seal:
            return None
        return [mark(item, self.given[item.id]) for item in questions.items]


def score_of(marked: Sequence[Marked]) -> float:
    """Points of all answers."""
    return round(sum(each.points for each in marked), 2)
