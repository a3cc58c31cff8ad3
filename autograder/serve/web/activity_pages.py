"""An activity as its students see it: dates and rules, the notebook to download, the form, and what was handed in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response

from autograder.serve import attempts, standing
from autograder.serve.progress import Progress, progress
from autograder.serve.tables import Activity, Attempt, Extension, Kind, Posting, Role, State
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, get
from autograder.serve.web.service import Service
from autograder.serve.web.student_words import NO_FILE, TOO_LARGE, counts_rule, filled, lasting, late_rule
from autograder.text import LANGUAGES, Text


@get("/activities/{activity:id}", Access.MEMBER)
def activity(visit: Visit) -> Response:
    """The activity's page; a teacher gets the class, and with `?try` what a student would see."""
    if visit.role is Role.TEACHER and "try" not in visit.request.query_params:
        return visit.redirect(f"/activities/{visit.here.id}/class")
    return activity_page(visit)


@get("/activities/{activity:id}/notebook/{language}", Access.MEMBER)
def notebook(visit: Visit) -> Response:
    """The released notebook in one language."""
    language = visit.request.path_params["language"]
    path = released(visit.service, visit.here).get(language)
    if path is None:
        raise Refusal(404, NOT_FOUND)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def activity_page(visit: Visit, problem: Text | None = None, status: int = 200) -> Response:
    """The page, with what is wrong with the file that was just sent, if anything."""
    here, db = visit.here, visit.db
    extension = db.get(Extension, (here.id, visit.someone.id))
    mine = attempts.attempts_of(db, here.id, visit.someone.id)
    return visit.page(
        "activity",
        status,
        activity=here,
        title=visit.service.title(here, visit.language),
        quiz=here.kind == Kind.QUIZ,
        questions=len(bank.questions) if (bank := visit.service.banks.get(here.name)) else 0,
        due=standing.due_at(here, extension),
        own_due=extension is not None and standing.due_at(here, extension) != here.due_at,
        closes=standing.closes_at(here, extension),
        late_rule=late_rule(here),
        counts_rule=counts_rule(here),
        left=attempts.attempts_left(here, mine),
        standing=standing.standing(here, extension, mine),
        rows=rows(db, here, extension, mine),
        closed=_closed(visit),
        releases=sorted(released(visit.service, here)),
        posting=db.get(Posting, (here.id, visit.someone.id)),
        form_key=secrets.token_urlsafe(16),
        cap=visit.service.uploads.cap,
        problem=problem,
        too_large=filled(TOO_LARGE, size=visit.service.uploads.cap >> 20),
        no_file=NO_FILE,
        trial=visit.role is Role.TEACHER,
    )


@dataclass(frozen=True)
class Row:
    """One attempt in the list."""

    attempt: Attempt
    mark: standing.Mark | None
    late: Text | None
    """How late; `None` for in time, or where there is no date."""
    state: str
    """Word for where it is."""
    counts: bool


def rows(db: Session, activity: Activity, extension: Extension | None, mine: Sequence[Attempt]) -> list[Row]:
    """Attempts of one person for the list, in the order given."""
    waiting = progress(db, [each.id for each in mine if each.status is None])
    chosen = standing.standing(activity, extension, mine).mark
    return [
        Row(
            attempt=each,
            mark=standing.mark(activity, extension, each),
            late=lasting(late) if (late := standing.late_by(activity, extension, each.handed_in_at)) else None,
            state=_state(each, waiting.get(each.id)),
            counts=chosen is not None and chosen.attempt.id == each.id,
        )
        for each in mine
    ]


def released(service: Service, activity: Activity) -> dict[str, Path]:
    """The notebooks that students of an assignment fill in, by language."""
    if activity.kind != Kind.ASSIGNMENT or activity.name not in service.course.names:
        return {}
    root = service.course.root / "assignments"
    paths = {language: root / language / activity.name / f"{activity.name}.ipynb" for language in LANGUAGES}
    return {language: path for language, path in paths.items() if path.is_file()}


def _state(attempt: Attempt, waiting: Progress | None) -> str:
    if attempt.decided_score is not None:
        return "is_graded"
    if attempt.status is not None:
        return f"is_{attempt.status}"
    return "is_running" if waiting is not None and waiting.state is State.RUNNING else "is_waiting"


def _closed(visit: Visit) -> Text | None:
    """Why nothing more is taken, if so."""
    try:
        attempts.admit(visit.db, visit.here, visit.someone, visit.service.clock())
    except attempts.Refused as error:
        return error.text
    return None


ADDRESSES = (activity, notebook)
