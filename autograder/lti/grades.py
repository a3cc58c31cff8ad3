"""Marks in the platform's gradebook (Assignment and Grade Services 2.0)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from autograder.lti.addresses import parsed
from autograder.lti.causes import Cause
from autograder.lti.errors import Rejected, TryLater, quoted
from autograder.lti.message import GradesEndpoint
from autograder.lti.platforms import Platform
from autograder.lti.tokens import Service

_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM = f"{_SCOPE}lineitem"
LINE_ITEM_READ = f"{_SCOPE}lineitem.readonly"
SCORE = f"{_SCOPE}score"
RESULT = f"{_SCOPE}result.readonly"
_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
_LIST = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"


class Activity(StrEnum):
    """How far the person has come."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class Grading(StrEnum):
    """How far the marking has come. Only `FULLY_GRADED` may take the place of a mark: Moodle empties the cell at any other."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True)
class LineItem:
    """A column of the gradebook."""

    url: str
    """Its address and its name; may have a query."""
    label: str
    maximum: float
    resource_id: str = ""
    """The tool's own name of what is marked there."""
    link_id: str = ""
    """The activity that it belongs to; empty where it stands alone."""
    tag: str = ""


@dataclass(frozen=True)
class Score:
    """A mark to be sent."""

    subject: str
    timestamp: datetime
    """When it came about, with its time zone; see `next_timestamp`."""
    given: float | None = None
    """Points; `None` sends progress alone."""
    maximum: float | None = None
    """Points that were to be had; needed with `given`. The platform scales to its column."""
    comment: str = ""
    """Plain text that the student reads; always sent, so that an old one does not stay beside a new mark."""
    activity: Activity = Activity.COMPLETED
    grading: Grading = Grading.FULLY_GRADED

    def body(self) -> bytes:
        """As JSON.

        Raises:
            ValueError: points without a maximum above 0, negative points, or a time without its zone.
        """
        if self.given is not None and not (self.maximum is not None and self.maximum > 0 and self.given >= 0):
            raise ValueError("points are sent with what was to be had, and neither is negative")
        record: dict[str, Any] = {
            "userId": self.subject,
            "timestamp": iso(self.timestamp),
            "activityProgress": self.activity.value,
            "gradingProgress": self.grading.value,
            "comment": self.comment,
        }
        if self.given is not None:
            record |= {"scoreGiven": self.given, "scoreMaximum": self.maximum}
        return json.dumps(record, allow_nan=False).encode()


@dataclass(frozen=True)
class Result:
    """What stands in one cell of the gradebook; `None` where there is no number."""

    subject: str
    score: float | None
    maximum: float | None
    comment: str


def iso(moment: datetime) -> str:
    """UTC with microseconds, as in `2026-11-29T18:00:00.250000Z`.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time is sent with its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def next_timestamp(last: datetime | None, now: datetime) -> datetime:
    """The time to send a score with, after one with the time `last` was sent for the same cell.

    It rises strictly and is never in the future, so it is `now`, which must be in a later second than `last`: Moodle
    compares whole seconds, and answers 409 to an equal one as to an older.

    Raises:
        TryLater: `now` is not there yet; `retry_after` says in how many seconds it will be.
    """
    if last is None:
        return now
    earliest = last.replace(microsecond=0) + timedelta(seconds=1)
    if now < earliest:
        raise TryLater(
            f"A score was already sent for {iso(last)}; the next may follow from {iso(earliest)}.",
            (earliest - now).total_seconds(),
        )
    return now


def find_or_create_line_item(
    service: Service,
    platform: Platform,
    endpoint: GradesEndpoint,
    *,
    label: str,
    maximum: float,
    resource_id: str,
    link_id: str = "",
    tag: str = "",
) -> LineItem:
    """The column for `resource_id` (of the activity `link_id`, where one is named); made where there is none.

    The column that the launch itself names is taken first, so that a platform that made one with the activity gets no other.
    The label and maximum of its record are then those asked for.

    Raises:
        TryLater: the platform could not be asked. A column may have been made: the next call finds it.
        Rejected: it refuses, or the launch gives no right to see or make columns.
    """
    if endpoint.line_item:
        return LineItem(endpoint.line_item, label, maximum, resource_id, link_id, tag)
    readable = next((scope for scope in (LINE_ITEM, LINE_ITEM_READ) if scope in endpoint.scopes), None)
    if readable is None or not endpoint.line_items:
        raise Rejected(
            Cause.SERVICE_REFUSED, f"{quoted(platform.issuer)} gave no right to see the gradebook's columns."
        )
    wanted = {"resource_id": resource_id, "tag": tag, "resource_link_id": link_id}
    query = {name: value for name, value in wanted.items() if value}
    what = "looking for a column"
    for entry in _entries(service, platform, readable, with_query(endpoint.line_items, query), _LIST, what):
        item = _line_item(entry, what, endpoint.line_items)
        # Not every platform heeds the filters.
        theirs = (not link_id or item.link_id in ("", link_id)) and item.tag in ("", tag)
        if item.resource_id == resource_id and theirs:
            return item
    if LINE_ITEM not in endpoint.scopes:
        raise Rejected(
            Cause.SERVICE_REFUSED, f"{quoted(platform.issuer)} has no column, and gave no right to make one."
        )
    record = {"label": label, "scoreMaximum": maximum, "resourceId": resource_id, "tag": tag, "resourceLinkId": link_id}
    content = json.dumps({name: value for name, value in record.items() if value}, allow_nan=False).encode()
    what = "making a column"
    reply = service.post(platform, LINE_ITEM, endpoint.line_items, content, kind=_TYPE).expected(what)
    return _line_item(reply.json(what), what, endpoint.line_items)


def post_score(service: Service, platform: Platform, line_item: str, score: Score) -> None:
    """Send `score` to the column whose address is `line_item`.

    Sending the same one twice does no harm: the second is answered by `NewerThere`.

    Raises:
        NewerThere: the platform has a score that is not older; ours was not taken.
        TryLater: it could not be asked. Whether the score arrived is not known.
        Rejected: it refuses: the person is not enrolled, the column is gone.
    """
    url = beside(line_item, "scores")
    service.post(platform, SCORE, url, score.body(), kind=_SCORE_TYPE).expected("posting a score")


def read_results(service: Service, platform: Platform, line_item: str, subject: str = "") -> tuple[Result, ...]:
    """What stands in the column, of all persons or of `subject` alone.

    Raises:
        TryLater: the platform could not be asked.
        Rejected: it refuses, or answers something else.
    """
    what = "reading results"
    url = with_query(beside(line_item, "results"), {"user_id": subject} if subject else {})
    results = [_result(entry, what, url) for entry in _entries(service, platform, RESULT, url, _RESULTS, what)]
    return tuple(result for result in results if not subject or result.subject == subject)


def beside(line_item: str, name: str) -> str:
    """The address `name` below a column's: it goes at the end of the path, before a query such as Moodle's `?type_id=1`."""
    parts = urlsplit(line_item)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", fragment=""))


def with_query(url: str, added: Mapping[str, str]) -> str:
    """`url` with more parameters behind those that it has."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return urlunsplit(parts._replace(query=query))


def _entries(service: Service, platform: Platform, scope: str, url: str, kind: str, what: str) -> Iterator[Any]:
    """The entries of all pages from `url` on."""
    for reply, content in service.pages(platform, scope, url, accept=kind, what=what):
        if not isinstance(content, list):
            raise _wrong(what, reply.url, "answered no list")
        yield from content


def _line_item(entry: Any, what: str, asked: str) -> LineItem:
    if not isinstance(entry, dict):
        raise _wrong(what, asked, "answered a column that is no object")
    url, maximum = entry.get("id"), _number(entry.get("scoreMaximum"))
    if not isinstance(url, str) or parsed(url) is None or maximum is None:
        raise _wrong(what, asked, f"answered a column without an address or a maximum: {quoted(entry)}")
    names = {name: str(entry.get(name) or "") for name in ("label", "resourceId", "resourceLinkId", "tag")}
    return LineItem(url, names["label"], maximum, names["resourceId"], names["resourceLinkId"], names["tag"])


def _result(entry: Any, what: str, asked: str) -> Result:
    if not isinstance(entry, dict) or not isinstance(entry.get("userId"), str | int):
        raise _wrong(what, asked, f"answered a result of nobody: {quoted(entry)}")
    return Result(
        subject=str(entry["userId"]),
        score=_number(entry.get("resultScore")),
        maximum=_number(entry.get("resultMaximum")),
        comment=str(entry.get("comment") or ""),
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _wrong(what: str, url: str, why: str) -> Rejected:
    return Rejected(Cause.SERVICE_ANSWER, f"{what}: {quoted(url)} {why}.")
