"""One attempt: how it is going while it is graded, its mark, the feedback, the receipt, and the file itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response, StreamingResponse

from autograder import receipts
from autograder.feedback import page as feedback_page
from autograder.intake.names import NOTEBOOK, slug
from autograder.records import Outcome, Report
from autograder.serve import attempts, standing
from autograder.serve.progress import DONE, Progress, progress
from autograder.serve.tables import Attempt, Extension, Kind, Role, State
from autograder.serve.web.hub import Hub, TooMany
from autograder.serve.web.quiz_pages import answered
from autograder.serve.web.routes import Access, Refusal, Visit, get
from autograder.serve.web.student_words import NO_NOTEBOOK, NOT_JUDGED, STUDENT, filled, lasting
from autograder.text import Text

FEEDBACK_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)
"""A feedback page shows what student code made: it runs no script, loads nothing, and is of no origin, so it has no session.

The LMS stays among the ancestors: our page, in which it is framed, is framed there.
"""
_STREAM_SECONDS = 600.0
"""After which a browser has to connect, and so to be let in, again."""
_AGAIN = Text(
    es="Tienes esta página abierta demasiadas veces; cierra alguna. Esta se recarga sola.",
    en="You have this page open too often; close some. This one reloads by itself.",
)


@get("/attempts/{attempt}", Access.OWNER)
def attempt(visit: Visit) -> Response:
    """The page of one attempt."""
    mine, activity = visit.handed_in, visit.here
    extension = visit.db.get(Extension, (activity.id, mine.person_id))
    chosen = attempts.standing_of(visit.db, activity, mine.person_id).mark
    late = standing.late_by(activity, extension, mine.handed_in_at)
    report = attempts.report_of(mine)
    judged = mine.status is not None or mine.decided_score is not None
    return visit.page(
        "attempt",
        attempt=mine,
        activity=activity,
        title=visit.service.title(activity, visit.language),
        quiz=activity.kind == Kind.QUIZ,
        answered=answered(visit.service, mine) if mine.answers is not None else None,
        mark=standing.mark(activity, extension, mine),
        late=lasting(late) if late else None,
        counts=chosen is not None and chosen.attempt.id == mine.id,
        others=mine.number > 1 or (chosen is not None and chosen.attempt.id != mine.id),
        report=report,
        tasks=tasks(report) if report else [],
        judged=judged,
        told=None if judged else told(progress(visit.db, [mine.id])[mine.id], visit.service.clock()),
        watching_teacher=visit.role is Role.TEACHER and mine.person_id != visit.someone.id,
    )


@get("/attempts/{attempt}/feedback", Access.OWNER)
def feedback(visit: Visit) -> Response:
    """The feedback page, apart from everything else of ours."""
    report = attempts.report_of(visit.handed_in, cells=True)
    if report is None:
        raise _nothing_there(visit)
    title = visit.service.title(visit.here, visit.language)
    html = feedback_page(report, visit.language, course=visit.service.course.id, title=title)
    return HTMLResponse(html, headers={"Content-Security-Policy": FEEDBACK_POLICY})


@get("/attempts/{attempt}/receipt", Access.OWNER)
def receipt(visit: Visit) -> Response:
    """What the course signs about this attempt's grading."""
    mine, report = visit.handed_in, attempts.report_of(visit.handed_in)
    if report is None or mine.verdict is None:
        raise _nothing_there(visit)
    job = attempts.job_of(visit.db, mine)
    # An equal file may have been graded before this one was handed in.
    at = max(mine.verdict.graded_at, (job.finished_at if job else None) or mine.handed_in_at)
    service = visit.service
    content = receipts.issue(report, course_id=service.course.id, attempt=mine.number, at=at, key=service.key)
    return _download(content, f"{slug(report.assignment)}.{mine.number}.receipt.json", "application/json")


@get("/attempts/{attempt}/notebook", Access.OWNER)
def notebook(visit: Visit) -> Response:
    """The very file that was handed in, byte by byte."""
    mine = visit.handed_in
    if not mine.sha256:
        raise Refusal(404, NO_NOTEBOOK)
    name = mine.file_name or f"{mine.activity.name}.{mine.number}"
    name = name if NOTEBOOK.search(name) else f"{name}.ipynb"
    return _download(visit.service.uploads.read(mine.sha256), name, "application/octet-stream")


@get("/attempts/{attempt}/events", Access.OWNER, streams=True)
async def events(visit: Visit) -> Response:
    """How it is going, as server-sent events `progress` with `{"state", "text"}`; the last one has the state `done`."""
    seen = visit.request.headers.get("last-event-id", "")
    if seen == _event_id(DONE):
        # Browsers connect again after every end but this one.
        return Response(status_code=204)
    hub: Hub = visit.request.app.state.hub
    if hub.full(visit.someone.id):
        raise Refusal(429, _AGAIN, retry_after=30)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(visit, hub, seen), media_type="text/event-stream", headers=headers)


async def _stream(visit: Visit, hub: Hub, seen: str) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    try:
        async with asyncio.timeout(_STREAM_SECONDS):
            async for found in hub.listen(visit.handed_in.id, visit.someone.id):
                if found is None:
                    yield ": still here\n\n"
                elif (name := _event_id(found)) != seen:
                    seen = name
                    data = json.dumps(
                        {"state": found.state.value, "text": told(found, visit.service.clock()).to(visit.language)}
                    )
                    yield f"id: {name}\nevent: progress\ndata: {data}\n\n"
    except (TimeoutError, TooMany):
        return


def told(found: Progress, now: datetime) -> Text:
    """How it is going, in words; for how long it has run, once that is a minute."""
    if found.since is not None and now - found.since >= timedelta(minutes=1):
        return STUDENT["running"] + filled(STUDENT["so_far"], time=lasting(now - found.since).en)
    if found.state is not State.QUEUED:
        return STUDENT[found.state.value]
    if found.ahead > 1:
        return filled(STUDENT["queue_more"], ahead=found.ahead)
    return STUDENT["queue_one" if found.ahead else "queue_next"]


@dataclass(frozen=True)
class Task:
    """What became of one task, for the summary."""

    name: str
    score: float
    max_score: float
    passed: int
    checks: int
    open: int
    """Checks that a person has to judge."""

    @property
    def outcome(self) -> Outcome:
        """The one that most needs attention."""
        if self.passed + self.open < self.checks:
            return Outcome.FAILED
        return Outcome.UNJUDGED if self.open else Outcome.PASSED


def tasks(report: Report) -> list[Task]:
    """The tasks of a report, in its order."""
    names: Iterable[str] = dict.fromkeys(check.task for check in report.checks)
    return [_task(report, name) for name in names]


def _task(report: Report, name: str) -> Task:
    checks = [check for check in report.checks if check.task == name]
    return Task(
        name=name,
        score=round(sum(check.points for check in checks), 2),
        max_score=round(sum(check.max_points for check in checks), 2),
        passed=sum(check.outcome is Outcome.PASSED for check in checks),
        checks=len(checks),
        open=sum(check.outcome is Outcome.UNJUDGED for check in checks),
    )


def _nothing_there(visit: Visit) -> Refusal:
    return Refusal(404, NO_NOTEBOOK) if _is_quiz(visit.handed_in) else Refusal(409, NOT_JUDGED)


def _is_quiz(attempt: Attempt) -> bool:
    return attempt.answers is not None


def _event_id(found: Progress) -> str:
    return f"{found.state.value}-{found.ahead}" if found.state is State.QUEUED else found.state.value


def _download(content: bytes, name: str, media_type: str) -> Response:
    """`content` to be saved, never shown; the name in plain ASCII too, for whoever reads no other."""
    stem, dot, ending = name.partition(".")
    plain = f"{slug(stem)}{dot}{ending}" if (dot + ending).isascii() else f"{slug(name)}.ipynb"
    plain = "".join(each for each in plain if each.isalnum() or each in "._-")
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


ADDRESSES = (attempt, feedback, receipt, notebook, events)
