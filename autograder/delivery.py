"""From the verdicts on a class to what people receive: reports, feedback pages, the class page, marks, receipts.

Every step may be done twice and then changes nothing, so after a crash the same command goes on where it was.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder import feedback, gradebook, receipts
from autograder.authoring import Template
from autograder.batch import Graded
from autograder.course import Course
from autograder.files import write_atomically
from autograder.fingerprint import engine_sha256
from autograder.journal import Journal, digest_of
from autograder.keys import CourseKey
from autograder.records import Report
from autograder.text import Language

_LIBRARIES = (
    "nbgrader.api",
    "nbgrader.dbutil",
    "alembic.script",
    "jinja2",
    "nh3",
    "pygments.formatters",
    "pygments.lexers",
)


def get_ready() -> None:
    """Load what `Delivery` uses, a second's work, where there is time for it; what is missing is told where it is used."""
    for name in _LIBRARIES:
        with suppress(Exception):
            importlib.import_module(name)
    with suppress(Exception):
        feedback.load("page", "class")


@dataclass(frozen=True)
class Delivery:
    """Where one command's results go."""

    course: Course
    folder: Path
    """`reports.json`, `index.html`, `feedback/` and `receipts/` lie here."""
    journal: Journal
    key: CourseKey
    language: Language
    template: Callable[[str, Language], Template]
    """The notebook of an assignment; grading has read most of them."""
    json_file: Path | None = None
    """A second place for the reports."""

    def deliver(self, graded: Sequence[Graded]) -> int:
        """Write and record everything, reports first, since everything else can be made from them; the number of pages.

        Raises:
            EngineError: something could not be written; what was written before is whole, and the same command goes on.
            CourseError: the gradebook is not one.
        """
        reports = [one.report for one in graded]
        for path in filter(None, (self.folder / "reports.json", self.json_file)):
            write_atomically(path, _listed(reports, self.language))
        names = sorted({report.assignment for report in reports} & set(self.course.names))
        templates = {name: self.template(name, self.language) for name in names}
        titles = {name: template.title for name, template in templates.items()}
        digests = [digest_of(report) for report in reports]
        self._write_pages(graded, digests, titles)
        feedback.write_class_page(
            reports, self.folder / "index.html", self.language, course=self.course.id, titles=titles
        )
        gradebook.record(
            self.course,
            reports,
            {name: template.points for name, template in templates.items()},
            {name: template.question_points for name, template in templates.items()},
        )
        self._write_receipts(reports, digests)
        return len(reports)

    def _write_pages(self, graded: Iterable[Graded], digests: Iterable[str], titles: Mapping[str, str]) -> None:
        pages = self.folder / "feedback"
        for one, digest in zip(graded, digests, strict=True):
            title = titles.get(one.report.assignment, "")
            # A page that is there and was made of the same things need not be drawn again; only a kept verdict has a key.
            made_of = f"{engine_sha256()} {self.language} {self.course.id} {title} {one.key} {digest}"
            path = pages / f"{feedback.stem(one.report)}.html"
            if one.key is not None and path.exists() and self.journal.made(path.name) == made_of:
                continue
            titled = {one.report.assignment: title}
            feedback.write([one.whole(self.journal)], pages, self.language, course=self.course.id, titles=titled)
            self.journal.note_made(path.name, made_of)

    def _write_receipts(self, reports: Iterable[Report], digests: Iterable[str]) -> None:
        folder = self.folder / "receipts"
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for report, digest in zip(reports, digests, strict=True):
            if not report.submission_sha256:
                continue
            record = self.journal.give_out(report, now, digest)
            signed = f"{self.course.id} {self.key.fingerprint} {record.attempt} {record.recorded_at} {record.digest}"
            made_of = f"{engine_sha256()} {signed}"
            path = folder / f"{feedback.stem(report)}.json"
            if path.exists() and self.journal.made(path.name) == made_of:
                continue
            given = (report, record.attempt, datetime.fromisoformat(record.recorded_at))
            receipts.write([given], folder, course_id=self.course.id, key=self.key)
            self.journal.note_made(path.name, made_of)


def _listed(reports: Iterable[Report], language: Language) -> Iterator[str]:
    """The reports as one JSON list, a line each; piece by piece, since a large class's would take more memory than all the rest."""
    between = "[\n"
    for report in reports:
        yield between + json.dumps(report.to_json(language), ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"
