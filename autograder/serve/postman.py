"""Sends marks to the LMS, one at a time and never two in doubt; any number of postmen may run.

What is sent is written down before (its time and its points) and after. After a crash in between, the LMS is asked first what it
shows: what arrived is not sent again, and what a person changed there is not overwritten.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from autograder.errors import AutograderError
from autograder.lti import (
    GradesEndpoint,
    NewerThere,
    Platform,
    Rejected,
    Result,
    Score,
    Service,
    ToolKeys,
    TryLater,
    Web,
    find_or_create_line_item,
    next_timestamp,
    post_score,
    read_results,
)
from autograder.lti.grades import RESULT
from autograder.serve import postings, registry, tables
from autograder.serve.attempts import audit
from autograder.serve.database import Database
from autograder.serve.settings import Settings
from autograder.serve.tables import Activity, Attempt, Posting, PostState, Reason
from autograder.text import Language

PATIENCE = timedelta(days=2)
"""For which a mark is tried; then it has failed, and a teacher may send it again."""
_FIRST_DELAY = 20.0
_LONGEST_DELAY = 3600.0
_POLL_SECONDS = 0.5
_SAME = 1e-3
"""Of the maximum: what an LMS rounds away is no change by hand."""
_log = logging.getLogger("autograder.serve.postman")


@dataclass(frozen=True)
class Errand:
    """A claimed row, as it was then, with all that sending it takes."""

    activity: int
    person: int
    version: int
    platform: Platform
    subject: str
    endpoint: GradesEndpoint
    label: str
    resource: str
    row: Posting
    """Detached: what was claimed, not what it is now."""
    comment: str

    @property
    def told(self) -> dict[str, object]:
        """For the log."""
        return {"activity": self.activity, "person": self.person, "version": self.version, "try": self.row.tries}

    @property
    def readable(self) -> bool:
        """Whether the LMS lets us see what it shows."""
        return RESULT in self.endpoint.scopes


class _Hold(Exception):
    """The row is left to a person."""

    def __init__(self, reason: Reason, problem: str) -> None:
        super().__init__(problem)
        self.reason = reason


class Postman:
    """One loop that sends; several may run in one process or in many.

    Args:
        language: of comments to students who chose none.
        name: unique among all that ever held a row; at most 64 characters.
        service: makes the calls; by default with the keys of this installation.
    """

    def __init__(
        self,
        database: Database,
        language: Language,
        settings: Settings,
        name: str,
        clock: Callable[[], datetime],
        service: Service | None = None,
    ) -> None:
        self._database = database
        self._language = language
        self._settings = settings
        self._name = name
        self._clock = clock
        self._service = service or Service(
            Web(allow_http=not settings.secure), lambda: ToolKeys.load(settings.tool_keys)
        )

    def run(self, stop: threading.Event) -> None:
        """Send what waits until `stop` is set; what is being sent then is finished."""
        while not stop.is_set():
            try:
                busy = self.send_one()
            except DBAPIError as error:
                _log.warning("the database cannot be asked for marks to send: %s", error.orig)
                busy = False
            if not busy:
                stop.wait(_POLL_SECONDS)

    def send_one(self) -> bool:
        """Send the mark that has waited longest; whether there was one.

        Raises:
            DBAPIError: the database takes nothing; what was sent shows itself when it is tried again.
        """
        errand = self._take()
        if errand is None:
            return False
        try:
            self._send(errand)
        except _Hold as error:
            self._hold(errand, PostState.HELD, error.reason, error)
        except NewerThere as error:
            self._hold(errand, PostState.HELD, Reason.NEWER, error)
        except TryLater as error:
            self._put_off(errand, str(error), error.retry_after)
        except Rejected as error:
            if error.status == 404:
                # Deleted by somebody, so not made anew unasked.
                self._hold(errand, PostState.HELD, Reason.NO_COLUMN, error)
            else:
                self._hold(errand, PostState.FAILED, Reason.REFUSED, error)
        except DBAPIError:
            raise
        except AutograderError as error:
            # Our own keys cannot be read, for one; nothing that the student or the LMS did.
            self._put_off(errand, str(error), None)
        except Exception as error:
            _log.exception("a mark could not be sent", extra=errand.told)
            self._put_off(errand, f"{type(error).__name__}: {error}", None)
        return True

    def _take(self) -> Errand | None:
        now = self._clock()
        with self._database.read() as session:
            if not postings.waits(session, now):
                return None
        with self._database.begin() as session:
            row = postings.claim(session, self._name, now)
            return None if row is None else self._errand(session, row)

    def _errand(self, session: Session, row: Posting) -> Errand:
        activity, person = row.activity, row.person
        platform = session.get_one(tables.Platform, activity.section.platform_id)
        attempt = session.get(Attempt, row.attempt_id) if row.attempt_id else None
        path = f"/attempts/{attempt.token}/feedback" if attempt else f"/activities/{activity.id}"
        language: Language = person.language if person.language in ("es", "en") else self._language  # type: ignore[assignment]
        return Errand(
            activity=activity.id,
            person=person.id,
            version=row.version,
            platform=registry.as_record(platform),
            subject=person.subject,
            endpoint=GradesEndpoint(
                frozenset(activity.scopes.split()), activity.line_items_url or "", activity.line_item_url or ""
            ),
            label=activity.title or activity.name,
            resource=f"{activity.kind}-{activity.id}",
            row=row,
            comment=postings.comment(row, language, self._settings.base_url + path),
        )

    def _send(self, errand: Errand) -> None:
        """One mark on its way.

        Raises:
            _Hold, ServiceError, AutograderError: it was not sent, or nobody knows.
        """
        column = self._column(errand)
        row = errand.row
        here = row.sent_to == column
        if errand.readable:
            shown = self._shown(errand, column)
            if here and row.tried_score is not None and _same(shown, row.tried_score, row.tried_max):
                # It arrived, and whoever sent it died before noting that, or did not hear the answer.
                if (row.tried_score, row.tried_max) == (row.score, row.max_score) and row.comment == errand.comment:
                    self._arrived(errand)
                    return
            elif not row.overwrite:
                sent = (row.sent_score, row.sent_max) if here else (None, None)
                if not _same(shown, *sent) and not _same(shown, row.score, row.max_score):
                    raise _Hold(Reason.BY_HAND, f"the LMS shows {_words(shown)}, and we sent {sent[0]}")
        stamp = next_timestamp(row.stamp, self._clock())
        if not self._note(errand, lambda row: self._write_down(row, errand, column, stamp)):
            return
        score = Score(errand.subject, stamp, row.score, row.max_score, errand.comment)
        post_score(self._service, errand.platform, column, score)
        self._arrived(errand)

    def _column(self, errand: Errand) -> str:
        """The address of the gradebook's column; found or made where the launch named none."""
        if errand.endpoint.line_item:
            return errand.endpoint.line_item
        try:
            found = find_or_create_line_item(
                self._service,
                errand.platform,
                errand.endpoint,
                label=errand.label,
                maximum=errand.row.max_score,
                resource_id=errand.resource,
            )
        except Rejected as error:
            raise _Hold(Reason.NO_COLUMN, str(error)) from error
        with self._database.begin() as session:
            activity = session.get_one(Activity, errand.activity, with_for_update={"of": Activity})
            # Of two postmen at once the first decides.
            activity.line_item_url = activity.line_item_url or found.url
            return activity.line_item_url

    def _shown(self, errand: Errand, column: str) -> Result | None:
        """What the LMS shows of the student; `None` for no mark."""
        found = read_results(self._service, errand.platform, column, errand.subject)
        return next((each for each in found if each.score is not None), None)

    def _write_down(self, row: Posting, errand: Errand, column: str, stamp: datetime) -> None:
        if row.sent_to != column:
            row.sent_to, row.sent_score, row.sent_max = column, None, None
        row.stamp, row.comment = stamp, errand.comment
        row.tried_score, row.tried_max = errand.row.score, errand.row.max_score
        row.leased_until = self._clock() + postings.LEASE

    def _put_off(self, errand: Errand, problem: str, retry_after: float | None) -> None:
        """Try again later, each time later still; given up after days."""
        delay = min(_FIRST_DELAY * 2 ** min(errand.row.tries - 1, 20), _LONGEST_DELAY) * random.uniform(0.8, 1.2)
        if retry_after is not None:
            # The platform knows better when it is too soon; our own stamps ask for less than a second.
            delay = max(retry_after, 0.0) if errand.row.tries == 1 else max(delay, retry_after)

        def write(row: Posting) -> None:
            now = self._clock()
            if now - row.waiting_since > PATIENCE:
                postings.hold(row, PostState.FAILED, Reason.UNREACHABLE, problem)
                return
            row.state, row.problem, row.next_try_at = PostState.WAITING, problem, now + timedelta(seconds=delay)
            row.worker = row.leased_until = None

        self._note(errand, write)
        _log.warning("a mark is sent later: %s", problem, extra=errand.told | {"seconds": round(delay, 1)})

    def _hold(self, errand: Errand, state: PostState, reason: Reason, error: Exception) -> None:
        self._note(errand, lambda row: postings.hold(row, state, reason, str(error)))
        _log.warning("a mark is left to a person: %s", error, extra=errand.told | {"reason": reason})

    def _note(self, errand: Errand, write: Callable[[Posting], None]) -> bool:
        """Change the row in one transaction if it is still ours and nothing else is wanted by now; whether that was so.

        Where the mark has changed meanwhile, the new one waits, or is held, as was decided then.
        """
        with self._database.begin() as session:
            row = self._mine(session, errand)
            if row is None:
                return False
            if row.version == errand.version:
                write(row)
                return True
            self._make_way(row)
            return False

    def _arrived(self, errand: Errand) -> None:
        """The LMS has taken what was written down last; noted even where another mark is wanted by now."""
        with self._database.begin() as session:
            row = self._mine(session, errand)
            if row is None:
                return
            row.sent_score, row.sent_max, row.sent_at = row.tried_score, row.tried_max, self._clock()
            detail = f"person {errand.person}: {row.sent_score:g} of {row.sent_max:g}"
            audit(session, "mark.sent", self._clock(), activity=row.activity, detail=detail)
            if row.version != errand.version:
                self._make_way(row)
                return
            row.state, row.reason, row.problem, row.overwrite, row.tries = PostState.SENT, "", "", False, 0
            row.worker = row.leased_until = None
        _log.info("a mark was sent", extra=errand.told)

    def _mine(self, session: Session, errand: Errand) -> Posting | None:
        row = session.get_one(Posting, (errand.activity, errand.person), with_for_update={"of": Posting})
        return row if row.worker == self._name else None

    def _make_way(self, row: Posting) -> None:
        """For the version that came meanwhile."""
        if row.state == PostState.SENDING:
            row.state, row.next_try_at = PostState.WAITING, self._clock()
        row.worker = row.leased_until = None


def _same(shown: Result | None, score: float | None, maximum: float | None) -> bool:
    """Whether the LMS shows just this, on whatever scale."""
    if shown is None or shown.score is None or score is None or not maximum:
        return (shown is None or shown.score is None) and score is None
    return abs(shown.score / (shown.maximum or maximum) - score / maximum) <= _SAME


def _words(shown: Result | None) -> str:
    return "no mark" if shown is None else f"{shown.score} of {shown.maximum}"
