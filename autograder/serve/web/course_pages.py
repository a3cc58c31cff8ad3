"""What teachers set for all: dates and rules of an activity, grading again; and whether the service is well."""

from __future__ import annotations

import shutil
from datetime import timedelta

from sqlalchemy import func, select
from starlette.responses import Response

from autograder.fingerprint import engine_sha256
from autograder.serve import queue, teaching
from autograder.serve.tables import Counts, Job, Kind, Regrade, State, Worker
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, get, post
from autograder.serve.web.teacher_pages import moment, number
from autograder.serve.web.teacher_words import TEACHER

ALIVE = timedelta(seconds=90)
"""A worker that has not been heard of for longer counts as gone."""


@get("/activities/{activity:id}/settings", Access.TEACHER)
def settings(visit: Visit) -> Response:
    """The form with dates and rules."""
    return visit.page("settings", saved="saved" in visit.request.query_params, choices=_choices(visit))


@post("/activities/{activity:id}/settings", Access.TEACHER)
def change(visit: Visit) -> Response:
    """Keep what the form says, and bring all marks up to date."""
    here, form = visit.here, visit.form
    kind, _, name = str(form.get("choice", "")).partition(":")
    if (kind, name) not in [(each, known) for each, known, _ in _choices(visit)]:
        raise Refusal(404, NOT_FOUND)
    due, closes = moment(visit, "due_at"), moment(visit, "closes_at")
    if due is not None and closes is not None and closes < due:
        raise Refusal(400, TEACHER["bad_order"])
    counts = str(form.get("counts", Counts.BEST))
    if counts not in list(Counts):
        raise Refusal(404, NOT_FOUND)
    rate = number(visit, "late_percent_per_day", most=100) or 0.0
    most = number(visit, "late_percent_at_most", most=100)
    attempts = number(visit, "max_attempts", least=1, most=1000)
    here.kind, here.name, here.counts = kind, name, counts
    here.due_at, here.closes_at = due, closes
    here.late_percent_per_day, here.late_percent_at_most = rate, 100.0 if most is None else most
    here.max_attempts = None if attempts is None else int(attempts)
    teaching.rules_changed(visit.db, here, visit.someone, visit.service.clock())
    return visit.redirect(f"/activities/{here.id}/settings?saved")


@get("/activities/{activity:id}/regrades", Access.TEACHER)
def regrades(visit: Visit) -> Response:
    """The regrade that is open, with what it would change, and the earlier ones."""
    asked = teaching.open_regrade(visit.db, visit.here)
    earlier = select(Regrade).where(Regrade.activity_id == visit.here.id, Regrade.settled_at.is_not(None))
    return visit.page(
        "regrades",
        progress=teaching.progress(visit.db, asked) if asked else None,
        earlier=visit.db.scalars(earlier.order_by(Regrade.id.desc()).limit(20)).all(),
    )


@post("/activities/{activity:id}/regrades", Access.TEACHER)
def regrade(visit: Visit) -> Response:
    """Grade everything again."""
    if teaching.regrade(visit.db, visit.here, visit.someone, visit.service.clock()) is None:
        raise Refusal(409, TEACHER["regrade_not_now"])
    return visit.redirect(f"/activities/{visit.here.id}/regrades")


@post("/activities/{activity:id}/regrades/{regrade:id}", Access.TEACHER)
def settle(visit: Visit) -> Response:
    """Accept a regrade's changes, or drop them."""
    asked = visit.db.get(Regrade, visit.request.path_params["regrade"])
    if asked is None or asked.activity_id != visit.here.id:
        raise Refusal(404, NOT_FOUND)
    accept = visit.form.get("do") == "accept"
    try:
        teaching.settle(visit.db, asked, visit.here, accept, visit.someone, visit.service.clock())
    except ValueError as error:
        raise Refusal(409, TEACHER["not_settled"]) from error
    return visit.redirect(f"/activities/{visit.here.id}/regrades")


@get("/activities/{activity:id}/health", Access.TEACHER)
def health(visit: Visit) -> Response:
    """Whether what is handed in will be graded soon."""
    now = visit.service.clock()
    workers = visit.db.scalars(select(Worker).order_by(Worker.name)).all()
    waiting = select(func.min(Job.queued_at)).where(Job.state == State.QUEUED)
    return visit.page(
        "health",
        workers=[(each, now - each.seen_at < ALIVE) for each in workers if now - each.seen_at < timedelta(days=1)],
        depth=queue.depth(visit.db),
        oldest=visit.db.scalar(waiting),
        free=shutil.disk_usage(visit.service.settings.data).free,
        engine=engine_sha256()[:12],
    )


def _choices(visit: Visit) -> list[tuple[Kind, str, str]]:
    """What an activity can be, with what to call it. What has attempts already stays what it is."""
    found = visit.service.offers(visit.language)
    if visit.here.name and teaching.has_attempts(visit.db, visit.here):
        return [each for each in found if each[:2] == (visit.here.kind, visit.here.name)]
    return found


ADDRESSES = (settings, change, regrades, regrade, settle, health)
