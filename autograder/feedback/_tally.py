"""What the reports on a class come to: marks, tasks, checks, and who is stuck where. Nothing here is laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

from autograder.feedback._page import stem, unwalled
from autograder.feedback.layout import shown_name
from autograder.records import Cause, CheckResult, Outcome, Report, Status
from autograder.text import Text

BINS = 10
"""Bars of a distribution; the last one holds full marks too."""
UNDONE = frozenset({Cause.NOT_DONE, Cause.MISSING})
"""Causes that say that nothing was tried."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one student has in one task, or in a whole assignment."""

    points: float
    max_points: float
    waiting: bool = False
    """Whether a person still has to look at part of it."""
    cause: Cause | None = None
    """Why an answer is missing, where one is."""

    @property
    def share(self) -> float:
        """Of the points, 0 to 1."""
        return min(1.0, self.points / self.max_points) if self.max_points else 0.0

    @property
    def level(self) -> int:
        """In quarters, rounded down, 0 to 4: 4 is full marks."""
        return int(4 * self.share + 1e-9)


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission as the class page shows it."""

    student: str
    """Fit to be shown."""
    key: str
    """The name as it was handed in; the same in every assignment."""
    link: str
    """File name of its feedback page."""
    status: Status
    total: Mark
    tasks: dict[str, Mark]


@dataclass(frozen=True)
class Reason:
    """Why answers to one check failed."""

    hint: str | None
    """The misconception that the grader recognised."""
    cause: Cause | None
    """Why there was no answer; with neither, the answer was wrong in no way that the grader knows by name."""
    message: Text
    """What students read about it."""


@dataclass
class CheckTally:
    """One check over the class."""

    id: str
    task: str
    title: Text
    passed: int = 0
    failed: int = 0
    """Tried, and not passed."""
    undone: int = 0
    """Nothing to judge, since the task was left as it was released."""
    unjudged: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Of those who tried."""

    def add(self, check: CheckResult) -> None:
        """Count one student's result."""
        if check.outcome is Outcome.PASSED:
            self.passed += 1
        elif check.outcome is Outcome.UNJUDGED:
            self.unjudged += 1
        elif check.cause in UNDONE:
            self.undone += 1
        else:
            self.failed += 1
            # The sentence belongs to the hint: those of exceptions quote the student's own line, and would not add up.
            said = check.message if check.hint else Text("", "")
            self.reasons[Reason(check.hint, check.cause, said)] += 1

    @property
    def ranked(self) -> list[tuple[Reason, int]]:
        """The reasons of those who tried, the most frequent first, and of equals those that have a name."""
        return sorted(self.reasons.items(), key=lambda item: (-item[1], item[0].hint is None, item[0].cause is None))

    @property
    def count(self) -> int:
        """Submissions that were asked."""
        return self.passed + self.failed + self.undone + self.unjudged


@dataclass
class TaskTally:
    """One task over the class."""

    name: str
    submissions: int = 0
    shares: float = 0.0
    """Sum of everybody's share of the points."""
    undone: int = 0

    @property
    def mean(self) -> float:
        """Everybody's share of the points on average."""
        return self.shares / self.submissions if self.submissions else 0.0


@dataclass
class AssignmentTally:
    """One assignment over the class."""

    name: str
    title: str
    submissions: list[Submission] = field(default_factory=list)
    """As they were reported, those that were rejected too."""
    tasks: dict[str, TaskTally] = field(default_factory=dict)
    checks: dict[str, CheckTally] = field(default_factory=dict)

    @property
    def marked(self) -> list[Submission]:
        """Those that have a mark: neither rejected nor lost by us before anything was asked of them."""
        return [one for one in self.submissions if one.tasks]

    @property
    def max_points(self) -> float:
        """Of the assignment."""
        return max((one.total.max_points for one in self.submissions), default=0.0)

    @property
    def median(self) -> float:
        """Points of the submission in the middle; what waits for a person counts as it is now."""
        return median(one.total.points for one in self.marked)

    @property
    def full(self) -> int:
        """Submissions with every point."""
        return sum(one.total.level == 4 for one in self.marked)

    @property
    def bins(self) -> list[tuple[int, int]]:
        """Per tenth of the points, how many marks are settled and how many wait for a person."""
        settled, waiting = [0] * BINS, [0] * BINS
        for one in self.marked:
            bars = waiting if one.total.waiting else settled
            bars[min(BINS - 1, int(BINS * one.total.share + 1e-9))] += 1
        return list(zip(settled, waiting, strict=True))

    @property
    def troubled(self) -> list[CheckTally]:
        """The checks that not everybody passed who tried, those first that most of them failed."""
        found = [check for check in self.checks.values() if check.failed or check.unjudged]
        return sorted(found, key=lambda check: (-check.failed, -check.unjudged))

    def stuck(self, causes: Iterable[Cause]) -> Iterator[tuple[Cause, list[tuple[Submission, list[str]]]]]:
        """For each of the causes that stopped somebody: who, and in which tasks."""
        for cause in causes:
            found = [
                (one, tasks)
                for one in self.submissions
                if (tasks := [task for task, mark in one.tasks.items() if mark.cause is cause])
            ]
            if found:
                yield cause, found


@dataclass(frozen=True)
class Waiting:
    """Submissions of one assignment that wait for a person for the same reason, or were rejected for it."""

    assignment: str
    reason: Text
    faults: tuple[str, ...] = ()
    """Faults of ours, for whoever runs the course."""


@dataclass
class ClassTally:
    """A class; made from its reports, one at a time, so that none has to be kept."""

    assignments: dict[str, AssignmentTally] = field(default_factory=dict)
    review: dict[Waiting, list[tuple[Submission, float, list[str]]]] = field(default_factory=dict)
    """With the points that are open and the tasks they belong to."""
    rejected: dict[Waiting, list[Submission]] = field(default_factory=dict)
    unwalled: int = 0
    """Submissions that were run without walls."""
    statuses: Counter[Status] = field(default_factory=Counter)

    @property
    def students(self) -> dict[str, dict[str, Submission]]:
        """Everybody by the name under which they handed in, with their submissions by assignment; in the order of names."""
        found: dict[str, dict[str, Submission]] = {}
        for name, assignment in self.assignments.items():
            for one in assignment.submissions:
                found.setdefault(one.key, {})[name] = one
        return dict(sorted(found.items(), key=lambda item: item[0].casefold()))

    def add(self, report: Report, title: str) -> None:
        """Count one report, of an assignment that people call `title`."""
        self.statuses[report.status] += 1
        self.unwalled += unwalled(report)
        assignment = self.assignments.setdefault(report.assignment, AssignmentTally(report.assignment, title))
        tasks = _marks(report)
        open_points = sum(check.max_points for check in report.checks if check.outcome is Outcome.UNJUDGED)
        waits = report.status is Status.NEEDS_REVIEW
        total = Mark(report.score, report.max_score, waits)
        one = Submission(
            shown_name(report.student), report.student, f"{stem(report)}.html", report.status, total, tasks
        )
        assignment.submissions.append(one)
        reason = report.reason or Text("", "")
        if waits:
            open_tasks = [task for task, mark in tasks.items() if mark.waiting]
            key = Waiting(report.assignment, reason, report.faults)
            self.review.setdefault(key, []).append((one, open_points, open_tasks))
        elif report.status is Status.REJECTED:
            self.rejected.setdefault(Waiting(report.assignment, reason), []).append(one)
        for task, mark in tasks.items():
            tally = assignment.tasks.setdefault(task, TaskTally(task))
            tally.submissions += 1
            tally.shares += mark.share
            tally.undone += mark.cause in UNDONE
        for check in report.checks:
            assignment.checks.setdefault(check.id, CheckTally(check.id, check.task, check.title)).add(check)


def tally(reports: Iterable[Report], titles: dict[str, str]) -> ClassTally:
    """The class that `reports` are about, its assignments in the order of their names."""
    found = ClassTally()
    for report in reports:
        found.add(report, titles.get(report.assignment) or report.assignment)
    found.assignments = dict(sorted(found.assignments.items()))
    return found


def _marks(report: Report) -> dict[str, Mark]:
    """The marks of one submission by task, in the order of its checks."""
    groups: dict[str, list[CheckResult]] = {}
    for check in report.checks:
        groups.setdefault(check.task, []).append(check)
    return {task: _mark(checks) for task, checks in groups.items()}


def _mark(checks: list[CheckResult]) -> Mark:
    causes = Counter(check.cause for check in checks if check.cause is not None)
    return Mark(
        points=sum(check.points for check in checks),
        max_points=sum(check.max_points for check in checks),
        waiting=any(check.outcome is Outcome.UNJUDGED for check in checks),
        cause=causes.most_common(1)[0][0] if causes else None,
    )
