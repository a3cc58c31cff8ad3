"""The tables of the service. Rows are found by number, people and pages by what cannot be guessed (`Attempt.token`)."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from autograder.serve.database import UtcDateTime

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: Text}  # noqa: RUF012 - SQLAlchemy's own way to say it


class Role(StrEnum):
    """What somebody is in one section."""

    STUDENT = "student"
    TEACHER = "teacher"


class Kind(StrEnum):
    """What an activity consists of."""

    ASSIGNMENT = "assignment"
    QUIZ = "quiz"


class Counts(StrEnum):
    """Which of several attempts gives the mark."""

    BEST = "best"
    LAST = "last"


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Purpose(StrEnum):
    """Why something is graded."""

    GRADE = "grade"
    """For the first time: its verdict becomes the attempt's at once."""
    REGRADE = "regrade"
    """After a change: its verdict waits until a teacher has seen who gains and who loses."""


class PostState(StrEnum):
    """How far a mark is on its way to the LMS."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    """A person has to decide: the verdict needs review, or the mark was changed by hand in the LMS."""
    FAILED = "failed"
    """The LMS refuses it for good, or did not answer for too long."""


class Reason(StrEnum):
    """Why a mark is held or has failed; `serve.postings` has the words for it."""

    REVIEW = "review"
    """The verdict needs a person."""
    BY_HAND = "by_hand"
    """The LMS shows another mark than we sent."""
    NEWER = "newer"
    """The LMS has a mark with a later time."""
    NO_COLUMN = "no_column"
    """There is no column in the gradebook, and we may not make one."""
    REFUSED = "refused"
    """The LMS says no."""
    UNREACHABLE = "unreachable"
    """The LMS did not answer for days."""


class Platform(Base):
    """An LMS that was registered with us."""

    __tablename__ = "platforms"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    auth_login_url: Mapped[str]
    auth_token_url: Mapped[str]
    jwks_url: Mapped[str]
    token_audience: Mapped[str | None]
    """`aud` of our assertions; `None` means the token URL."""
    name: Mapped[str] = mapped_column(default="")
    product: Mapped[str] = mapped_column(default="")
    """Its software, as it says itself."""
    added_at: Mapped[datetime]


class Deployment(Base):
    """A deployment of ours in a platform from which a launch was accepted."""

    __tablename__ = "deployments"
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"), primary_key=True)
    deployment_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    first_seen_at: Mapped[datetime]


class Login(Base):
    """A login that was begun and whose launch has not arrived yet; taken out when it does."""

    __tablename__ = "logins"
    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str]
    """JSON of what the launch is compared with."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Nonce(Base):
    """A nonce that has been used; it is kept until no token could bring it again."""

    __tablename__ = "nonces"
    nonce_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of issuer and nonce."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Invitation(Base):
    """A link with which one LMS may register itself."""

    __tablename__ = "invitations"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Person(Base):
    """Somebody as one platform knows them; `platform_id` is empty for people of the page that `--dev` has."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None] = mapped_column(String(2))
    """What they chose here, or what the LMS said; `None` leaves it to the browser."""


class BrowserSession(Base):
    """Somebody signed in with one browser."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    return_url: Mapped[str | None]
    """Where the LMS wants the browser back."""
    person: Mapped[Person] = relationship(lazy="joined")


class Section(Base):
    """A class: what an LMS calls a course and LTI a context."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("platform_id", "context_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(default="")
    roster_url: Mapped[str | None]
    """Of the names and roles service."""
    roster_synced_at: Mapped[datetime | None]


class Membership(Base):
    """Who is what in which section."""

    __tablename__ = "memberships"
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=True)
    """Whether the roster still lists them; their attempts stay either way."""
    person: Mapped[Person] = relationship(lazy="joined")
    section: Mapped[Section] = relationship(lazy="joined")


class Activity(Base):
    """One link in a section: an assignment or a quiz with its dates and rules."""

    __tablename__ = "activities"
    __table_args__ = (UniqueConstraint("section_id", "link_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"))
    link_id: Mapped[str] = mapped_column(String(255))
    """Of the resource link."""
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(default="")
    """Of the assignment or of the quiz bank; empty until a teacher has chosen."""
    title: Mapped[str] = mapped_column(default="")
    """As the LMS calls it."""
    line_item_url: Mapped[str | None]
    """Where marks go; without one they stay here."""
    line_items_url: Mapped[str | None]
    scopes: Mapped[str] = mapped_column(default="")
    """Of the grade service, separated by spaces."""
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    """Nothing is taken any more from then on."""
    late_percent_per_day: Mapped[float] = mapped_column(default=0.0)
    """Of what was earned, for every day that has begun after the due date."""
    late_percent_at_most: Mapped[float] = mapped_column(default=100.0)
    max_attempts: Mapped[int | None]
    counts: Mapped[str] = mapped_column(String(8), default=Counts.BEST)
    section: Mapped[Section] = relationship(lazy="joined")


class Extension(Base):
    """One student's own due date."""

    __tablename__ = "extensions"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


class Verdict(Base):
    """A report without a name, under the fingerprint of all that decides it: equal files are graded once."""

    __tablename__ = "verdicts"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    report: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON of the report without its cells, compressed."""
    cells: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """JSON of the cells, compressed: figures make most of it, and lists of attempts need none."""
    status: Mapped[str] = mapped_column(String(16))
    score: Mapped[float]
    max_score: Mapped[float]
    graded_at: Mapped[datetime]


class Attempt(Base):
    """Something handed in: a notebook, or the answers to a quiz."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("activity_id", "person_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: secrets.token_urlsafe(16))
    """In addresses; a number would tell how many there are."""
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    """From 1, per person and activity."""
    handed_in_at: Mapped[datetime]
    trial: Mapped[bool] = mapped_column(default=False)
    """A teacher's own try, of which the LMS hears nothing."""
    sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the notebook's bytes, under which the upload store holds them; empty for a quiz."""
    file_name: Mapped[str] = mapped_column(default="")
    """As the student called it; shown, never opened."""
    form_key: Mapped[str] = mapped_column(String(32), default="")
    """What one display of the form sent along, so that a form sent twice is one attempt."""
    answers: Mapped[str | None]
    """JSON of what was answered to a quiz, and with which seed it was drawn."""
    verdict_key: Mapped[str | None] = mapped_column(ForeignKey("verdicts.key"))
    """`None` while it waits."""
    status: Mapped[str | None] = mapped_column(String(16))
    """Of the verdict, or of the quiz, which is `graded` at once."""
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    """Both before any deduction for lateness."""
    decided_score: Mapped[float | None]
    """A person's mark, which stands in place of `score`; on the scale of `max_score`."""
    decided_comment: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    activity: Mapped[Activity] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined", foreign_keys=person_id)
    verdict: Mapped[Verdict | None] = relationship()


class Regrade(Base):
    """All attempts of an activity graded again; nothing changes for a student before a teacher accepts it."""

    __tablename__ = "regrades"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]


class Job(Base):
    """One grading in the queue. A worker holds it by a lease that it renews, so a dead worker's jobs come free by themselves."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_next", "state", "purpose", "available_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrades.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16), default=Purpose.GRADE)
    state: Mapped[str] = mapped_column(String(16), default=State.QUEUED)
    queued_at: Mapped[datetime]
    available_at: Mapped[datetime]
    """Not before then: after a fault of ours it is tried again, later each time."""
    worker: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """Times that a worker has taken it."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    """What the grading took; `None` where a kept verdict was used, or nothing could be graded."""
    verdict_key: Mapped[str | None] = mapped_column(ForeignKey("verdicts.key"))
    attempt: Mapped[Attempt] = relationship(lazy="joined")


class Posting(Base):
    """The mark of one student for one activity on its way to the LMS; one row, so the newest mark replaces one that waits."""

    __tablename__ = "postings"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default=PostState.WAITING, index=True)
    version: Mapped[int] = mapped_column(default=1)
    """Rises with every change of what should be posted, so that a worker sees that its own is old."""
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"))
    """Which attempt the mark is of."""
    score: Mapped[float]
    max_score: Mapped[float]
    deducted: Mapped[float] = mapped_column(default=0.0)
    """Points that lateness cost."""
    comment: Mapped[str] = mapped_column(default="")
    """As it was last sent."""
    tries: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime]
    """Since when it is tried; after some days it is given up."""
    next_try_at: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    stamp: Mapped[datetime | None]
    """Of the last message that was, or may have been, sent; the next one's must be later."""
    sent_to: Mapped[str | None]
    """Address of the column that it went to; of another column, what is known here says nothing."""
    tried_score: Mapped[float | None]
    tried_max: Mapped[float | None]
    """What that message said: after a crash, the LMS may show it though nobody noted that it was sent."""
    sent_score: Mapped[float | None]
    sent_max: Mapped[float | None]
    """The last that the LMS took; what it shows otherwise was changed there by hand."""
    sent_at: Mapped[datetime | None]
    overwrite: Mapped[bool] = mapped_column(default=False)
    """Whether a teacher said that this mark may replace whatever the LMS shows."""
    reason: Mapped[str] = mapped_column(String(16), default="")
    """A `Reason`, while it is held or has failed."""
    problem: Mapped[str] = mapped_column(default="")
    """What went wrong last, one English sentence for whoever runs the service."""
    activity: Mapped[Activity] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class Audit(Base):
    """Who did what, kept for good; written in the transaction of what was done."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(64))
    """Stable, like `attempt.handed_in`."""
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id", ondelete="SET NULL"))
    detail: Mapped[str] = mapped_column(default="")


class Worker(Base):
    """A worker that has been heard of."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    jobs: Mapped[int]
    """How many submissions it grades at the same time."""
    engine_sha256: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str] = mapped_column(default="")
    """Why it grades nothing: a wall that cannot be raised, a course that cannot be read."""
