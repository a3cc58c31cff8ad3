"""Prometheus's view of the service. What workers do is read from the database, so one address tells of all processes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from autograder.records import Status
from autograder.serve import queue
from autograder.serve.database import Database
from autograder.serve.tables import Job, Posting, PostState, Purpose, State, Verdict, Worker

_SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Upper bounds of gradings: a NumPy assignment takes two seconds, one that trains a minute."""
_ANSWERS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_log = logging.getLogger("autograder.serve.web")


class Metrics:
    """The metrics of the process that answers browsers, and through it of all others."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._registry = CollectorRegistry()
        names = ["method", "path"]
        self._requests = Counter(
            "autograder_http_requests", "Requests answered.", [*names, "status"], registry=self._registry
        )
        self._latency = Histogram(
            "autograder_http_seconds", "From a request to its answer.", names, buckets=_ANSWERS, registry=self._registry
        )
        self._open = Gauge("autograder_http_open", "Requests being answered.", registry=self._registry)
        self._registry.register(_FromDatabase(database, clock))

    def began(self) -> None:
        """A request has come."""
        self._open.inc()

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request is over; `path` is the template of its address, not the address."""
        self._open.dec()
        self._requests.labels(method, path, str(status)).inc()
        self._latency.labels(method, path).observe(seconds)

    def exposition(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry)


class _FromDatabase(Collector):
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are not asked for before the database is."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """One look at the database."""
        up = GaugeMetricFamily("autograder_database_up", "Whether the database answers.")
        try:
            with self._database.read() as session:
                found = list(_look(session, self._clock()))
        except DBAPIError as error:
            _log.warning("no metrics from the database: %s", error.orig)
            found = []
        up.add_metric([], bool(found))
        return [up, *found]


def _look(session: Session, now: datetime) -> Iterable[Metric]:
    depth = GaugeMetricFamily("autograder_queue_jobs", "Jobs that are not done.", labels=["state"])
    for state, count in queue.depth(session).items():
        depth.add_metric([state.value], count)
    yield depth
    first = select(func.min(Job.queued_at)).where(Job.state == State.QUEUED, Job.purpose == Purpose.GRADE)
    since = session.scalar(first)
    oldest = GaugeMetricFamily("autograder_queue_oldest_seconds", "How long the first in the queue has waited.")
    oldest.add_metric([], (now - since).total_seconds() if since else 0.0)
    yield oldest
    yield from _graded(session)
    posts = GaugeMetricFamily("autograder_postings", "Marks on their way to the LMS.", labels=["state"])
    counted = session.execute(select(Posting.state, func.count()).group_by(Posting.state))
    states = dict(counted.all())
    for state_ in PostState:
        posts.add_metric([state_.value], states.get(state_.value, 0))
    yield posts
    alive = Worker.seen_at > now - queue.ALIVE
    workers = GaugeMetricFamily("autograder_workers", "Workers heard of lately.", labels=["able"])
    for able, condition in (("yes", Worker.problem == ""), ("no", Worker.problem != "")):
        workers.add_metric([able], session.scalar(select(func.count()).where(alive, condition)) or 0)
    yield workers


def _graded(session: Session) -> Iterable[Metric]:
    done = CounterMetricFamily("autograder_jobs_done", "Jobs that came to a verdict.", labels=["purpose", "status"])
    query = select(Job.purpose, Verdict.status, func.count()).join(Verdict, Verdict.key == Job.verdict_key)
    counts = {(p, s): n for p, s, n in session.execute(query.group_by(Job.purpose, Verdict.status))}
    for purpose in Purpose:
        for status in Status:
            done.add_metric([purpose.value, status.value], counts.get((purpose.value, status.value), 0))
    yield done
    again = CounterMetricFamily("autograder_jobs_tried_again", "Times that a job was taken beyond its first.")
    again.add_metric([], session.scalar(select(func.sum(Job.tries - 1)).where(Job.tries > 1)) or 0)
    yield again
    below = [func.sum(case((Job.seconds <= bound, 1), else_=0)) for bound in _SECONDS]
    *filled, count, total = session.execute(
        select(*below, func.count(Job.seconds), func.sum(Job.seconds)).where(Job.seconds.is_not(None))
    ).one()
    seconds = HistogramMetricFamily("autograder_grading_seconds", "What gradings took; kept verdicts took none.")
    buckets = [(f"{bound:g}", float(value or 0)) for bound, value in zip(_SECONDS, filled, strict=True)]
    seconds.add_metric([], [*buckets, ("+Inf", float(count))], float(total or 0.0))
    yield seconds
