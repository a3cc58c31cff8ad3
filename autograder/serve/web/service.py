"""What every page of one running service shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock

from autograder import lti
from autograder.authoring import read_template
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.keys import CourseKey, course_key
from autograder.quiz import Bank
from autograder.serve.database import Database
from autograder.serve.settings import Settings, secret
from autograder.serve.tables import Activity, Kind
from autograder.serve.uploads import Uploads
from autograder.text import Language, Text


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass
class Service:
    """Settings, database, uploads and the course. Safe to share between threads."""

    settings: Settings
    database: Database
    course: Course
    clock: Callable[[], datetime] = now
    _titles: dict[tuple[str, Language], str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def uploads(self) -> Uploads:
        """Where notebooks lie."""
        return Uploads(self.settings.uploads)

    @cached_property
    def secret(self) -> bytes:
        """For what browsers must not be able to make up."""
        return secret(self.settings.data, "secret")

    @cached_property
    def key(self) -> CourseKey:
        """Signs receipts."""
        return course_key(self.course.root)

    @cached_property
    def tool(self) -> lti.Tool:
        """This service, as an LMS sees it."""
        what = Text(
            es="Entrega los cuadernos del curso, que se corrigen solos, y contesta los cuestionarios.",
            en="Hand in the course's notebooks, which are marked at once, and answer the quizzes.",
        )
        return lti.Tool(self.settings.base_url, Text(self.course.id, self.course.id), what)

    @cached_property
    def web(self) -> lti.Web:
        """The way out to an LMS; plain http only where we are reached so ourselves, on this computer."""
        return lti.Web(allow_http=not self.settings.secure, allow_private=self.settings.allow_private)

    @cached_property
    def key_sets(self) -> lti.KeySets:
        """The keys of the registered platforms."""
        return lti.KeySets(self.web)

    def tool_keys(self) -> lti.ToolKeys:
        """Our own keys, read anew, so that a rotation needs no restart."""
        return lti.ToolKeys.load(self.settings.tool_keys)

    @cached_property
    def platform_service(self) -> lti.Service:
        """Calls the services of registered platforms."""
        return lti.Service(self.web, self.tool_keys)

    def offers(self, language: Language) -> list[tuple[Kind, str, str]]:
        """What an activity can be, with what to call it."""
        found = [(Kind.ASSIGNMENT, name, self.assignment_title(name, language)) for name in self.course.names]
        quizzes = [(Kind.QUIZ, name, self.assignment_title(name, language, quiz=True)) for name in self.banks]
        return [*found, *quizzes]

    def points(self, kind: str, name: str) -> float:
        """The most that an activity gives."""
        if kind == Kind.QUIZ:
            return sum(question.points for question in self.banks[name].questions)
        return sum(read_template(self.course.assignment(name), self.course.language).points.values())

    @cached_property
    def banks(self) -> dict[str, Bank]:
        """The quiz banks by name."""
        from autograder.quiz import banks

        return {bank.name: bank for bank in banks(self.course, ())}

    def title(self, activity: Activity, language: Language) -> str:
        """What an activity is called: as the LMS says, else as the assignment does."""
        return activity.title or self.assignment_title(activity.name, language, quiz=activity.kind == Kind.QUIZ)

    def assignment_title(self, name: str, language: Language, *, quiz: bool = False) -> str:
        """What the course calls an assignment or its quiz; its id where its source cannot be read."""
        with self._lock:
            if (name, language) not in self._titles:
                try:
                    self._titles[name, language] = read_template(self.course.assignment(name), language).title
                except AutograderError:
                    return name
            title = self._titles[name, language]
        words = {"es": "Cuestionario", "en": "Quiz"}
        return f"{words[language]}: {title}" if quiz else title
