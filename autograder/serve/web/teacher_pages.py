"""The class of one activity as its teachers see it: who stands where, what a person has to decide, marks given by hand."""

from __future__ import annotations

import re
import statistics
import tempfile
import zipfile
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from autograder import feedback
from autograder.intake import slug
from autograder.lms.sheet import written
from autograder.records import Report
from autograder.serve import postings, teaching
from autograder.serve.attempts import report_of
from autograder.serve.tables import Attempt, Audit, Person, Posting, PostState, Reason
from autograder.serve.teaching import Pupil
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, get, post
from autograder.serve.web.teacher_words import TEACHER
from autograder.serve.zones import from_form

_LOG_LINES = 200
_MAX_COMMENT = 2_000
_SCRIPT = re.compile(r"script-src (?:'|&#39;)(sha256-[\w+/=]+)")


@get("/activities/{activity:id}/class", Access.TEACHER)
def klass(visit: Visit) -> Response:
    """One line per student."""
    if not visit.here.name:
        return visit.redirect(f"/activities/{visit.here.id}/settings")
    found = teaching.pupils(visit.db, visit.here)
    marks = [each.standing.mark for each in found if each.standing.mark and each.standing.mark.final]
    return visit.page(
        "class",
        pupils=found,
        handed_in=sum(bool(each.attempts) for each in found),
        mean=statistics.fmean(mark.score for mark in marks) if marks else None,
        max_score=marks[0].max_score if marks else None,
        to_review=len(teaching.to_review(visit.db, visit.here)),
        late_words=lambda late: late_words(visit, late),
    )


def late_words(visit: Visit, late: timedelta) -> str:
    """How late something is, in days or hours."""
    if late >= timedelta(days=1):
        return TEACHER["days_late"].to(visit.language).format(days=late.days)
    hours = max(1, round(late / timedelta(hours=1)))
    return TEACHER["hours_late"].to(visit.language).format(hours=hours) if late else ""


@get("/activities/{activity:id}/insights", Access.TEACHER)
def insights(visit: Visit) -> Response:
    """The class page of `autograder grade`: who misunderstood what. It is apart from the session, and runs one script, its own."""
    found = _counted(visit)
    html = feedback.class_page(
        [report for _, report in found],
        visit.language,
        course=visit.service.course.id,
        titles={visit.here.name: visit.service.title(visit.here, visit.language)},
        folder="pages",
    )
    script = _SCRIPT.search(html)
    policy = "sandbox allow-scripts allow-popups; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    policy += f"script-src '{script[1]}'; " if script else ""
    return Response(
        html, media_type="text/html", headers={"Content-Security-Policy": f"{policy}frame-ancestors 'self'"}
    )


@get("/activities/{activity:id}/pages/{stem}.html", Access.TEACHER)
def page_of(visit: Visit) -> Response:
    """Where the class page's links lead: the attempt of the student so called."""
    for attempt, report in _counted(visit):
        if feedback.stem(report) == visit.request.path_params["stem"]:
            return visit.redirect(f"/attempts/{attempt.token}")
    raise Refusal(404, NOT_FOUND)


@get("/activities/{activity:id}/marks.csv", Access.TEACHER)
def marks(visit: Visit) -> Response:
    """Every student's mark, for a spreadsheet or a script."""
    rows = [["name", "subject", "attempts", "mark", "max", "deducted", "final", "handed_in_at", "late_seconds", "lms"]]
    for each in teaching.pupils(visit.db, visit.here):
        mark = each.standing.mark
        got = (
            ["", "", "", "", "", ""]
            if mark is None
            else [
                f"{mark.score:g}",
                f"{mark.max_score:g}",
                f"{mark.deducted:g}",
                "yes" if mark.final else "no",
                mark.attempt.handed_in_at.isoformat(timespec="seconds"),
                f"{mark.late.total_seconds():.0f}",
            ]
        )
        posted = each.posting.state if each.posting else ""
        rows.append([each.person.name, each.person.subject, str(len(each.attempts)), *got, posted])
    return Response(
        written(rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{visit.here.name}.csv"'},
    )


@get("/activities/{activity:id}/submissions.zip", Access.TEACHER)
def submissions(visit: Visit) -> Response:
    """The notebook that counts of every student, in the folders that `autograder grade` and nbgrader take."""
    name = visit.here.name
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when it has been sent
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for attempt, report in _counted(visit):
            archive.writestr(f"{slug(report.student)}/{name}/{name}.ipynb", visit.service.uploads.read(attempt.sha256))
    size = file.tell()
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Content-Length": str(size)}
    return StreamingResponse(
        iter(lambda: file.read(1 << 16), b""),
        media_type="application/zip",
        headers=headers,
        background=BackgroundTask(file.close),
    )


@get("/activities/{activity:id}/review", Access.TEACHER)
def review(visit: Visit) -> Response:
    """What only a person can settle: verdicts, and marks that do not arrive."""
    stuck = select(Posting).where(
        Posting.activity_id == visit.here.id,
        Posting.state.in_([PostState.HELD, PostState.FAILED]),
        Posting.reason != Reason.REVIEW,
    )
    return visit.page(
        "review",
        attempts=teaching.to_review(visit.db, visit.here),
        postings=visit.db.scalars(stuck.order_by(Posting.person_id)).all(),
    )


@post("/attempts/{attempt}/decision", Access.TEACHER)
def decision(visit: Visit) -> Response:
    """Give a mark by hand, or take it back."""
    comment = str(visit.form.get("comment", "")).strip()[:_MAX_COMMENT]
    withdrawn = "withdraw" in visit.form
    score = None if withdrawn else number(visit, "score")
    if score is None and not withdrawn:
        raise Refusal(400, TEACHER["bad_number"])
    try:
        teaching.decide(visit.db, visit.handed_in, score, comment, visit.someone, visit.service.clock())
    except ValueError as error:
        raise Refusal(400, TEACHER["bad_number"]) from error
    return visit.redirect(f"/activities/{visit.here.id}/people/{visit.handed_in.person_id}")


@post("/activities/{activity:id}/postings/{person:id}", Access.TEACHER)
def posting(visit: Visit) -> Response:
    """What to do about a mark that has not arrived."""
    found = visit.db.get(Posting, (visit.here.id, visit.request.path_params["person"]))
    if found is None:
        raise Refusal(404, NOT_FOUND)
    what, now = str(visit.form.get("do", "")), visit.service.clock()
    if what == "keep":
        postings.leave(visit.db, found, visit.someone, now)
    else:
        postings.release(visit.db, found, visit.someone, now, overwrite=what == "overwrite")
    return visit.redirect(f"/activities/{visit.here.id}/review")


@get("/activities/{activity:id}/people/{person:id}", Access.TEACHER)
def person(visit: Visit) -> Response:
    """One student: all attempts, marks by hand, their own due date."""
    pupil = _pupil(visit)
    return visit.page("person", pupil=pupil, late_words=lambda late: late_words(visit, late))


@post("/activities/{activity:id}/people/{person:id}/extension", Access.TEACHER)
def extension(visit: Visit) -> Response:
    """Give one student more time, or take it back."""
    pupil = _pupil(visit)
    due = moment(visit, "due_at")
    reason = str(visit.form.get("reason", "")).strip()[:_MAX_COMMENT]
    teaching.extend(visit.db, visit.here, pupil.person.id, due, reason, visit.someone, visit.service.clock())
    return visit.redirect(f"/activities/{visit.here.id}/people/{pupil.person.id}")


@get("/activities/{activity:id}/log", Access.TEACHER)
def log(visit: Visit) -> Response:
    """Who did what."""
    query = select(Audit, Person).outerjoin(Person, Person.id == Audit.person_id)
    query = query.where(Audit.activity_id == visit.here.id).order_by(Audit.id.desc()).limit(_LOG_LINES)
    return visit.page("log", lines=visit.db.execute(query).all())


def number(visit: Visit, name: str, *, least: float = 0.0, most: float = 1e6) -> float | None:
    """A number of the form, with decimal point or comma; `None` where the field is empty.

    Raises:
        Refusal: it is none, or out of range.
    """
    text = str(visit.form.get(name, "")).strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise Refusal(400, TEACHER["bad_number"]) from error
    if not least <= value <= most:
        raise Refusal(400, TEACHER["bad_number"])
    return value


def moment(visit: Visit, name: str) -> datetime | None:
    """A point in time of the form; `None` where the field is empty.

    Raises:
        Refusal: it is none.
    """
    try:
        return from_form(str(visit.form.get(name, "")), visit.service.settings.zone)
    except ValueError as error:
        raise Refusal(400, TEACHER["bad_date"]) from error


def _pupil(visit: Visit) -> Pupil:
    wanted = visit.request.path_params["person"]
    for each in teaching.pupils(visit.db, visit.here):
        if each.person.id == wanted:
            return each
    raise Refusal(404, NOT_FOUND)


def _counted(visit: Visit) -> list[tuple[Attempt, Report]]:
    """The attempt that counts of every student, with its report; equal names are told apart."""
    found = []
    names: Counter[str] = Counter()
    for each in teaching.pupils(visit.db, visit.here):
        mark = each.standing.mark
        report = report_of(mark.attempt) if mark else None
        if mark is None or report is None:
            continue
        names[each.person.name] += 1
        again = names[each.person.name]
        found.append((mark.attempt, report.named(f"{each.person.name} ({again})" if again > 1 else each.person.name)))
    return found


ADDRESSES = (klass, insights, page_of, marks, submissions, review, decision, posting, person, extension, log)
