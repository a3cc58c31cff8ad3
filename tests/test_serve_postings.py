"""Marks on their way to the LMS, against a small platform that speaks LTI over real HTTP and has its bad days."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from autograder.course import Course
from autograder.lti import Service, ToolKeys, Web
from autograder.serve import postings, tables
from autograder.serve.attempts import hand_in_quiz
from autograder.serve.postman import Errand, Postman
from autograder.serve.tables import Activity, Attempt, Counts, Extension, Person, Posting, PostState, Reason

from .lti_platform import SCOPES, Cell, Column, Fault, LtiPlatform
from .lti_platform import Person as Member
from .serving import Office, new_database

GRADES = " ".join(scope for name, scope in SCOPES.items() if name != "members")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ToolKeys:
    return ToolKeys.load(tmp_path_factory.mktemp("keys") / "keys.pem")


@dataclass
class Desk:
    """An office whose class is one of the platform's, and the postman between them."""

    office: Office
    platform: LtiPlatform
    keys: ToolKeys
    column: str = "1"

    def __post_init__(self) -> None:
        self.service = Service(Web(allow_http=True), lambda: self.keys)

    def postman(self, kind: type[Postman] = Postman, name: str = "p1") -> Postman:
        return kind(self.office.database, "en", self.office.settings, name, self.office.clock, self.service)

    def mark(self, score: float, person: str = "ana", **about: Any) -> int:
        """Somebody's next attempt, judged."""
        with self.office.database.begin() as session:
            activity = session.get_one(Activity, self.office.activity)
            whom = session.get_one(Person, self.office.people[person])
            moment = self.office.clock()
            made = hand_in_quiz(session, activity, whom, answers="{}", score=score, max_score=10.0, now=moment)
            for name, value in about.items():
                setattr(made, name, value)
            postings.update(session, activity, whom.id, moment)
            return made.id

    def change(self, attempt: int, **values: Any) -> None:
        """What a teacher, or a new verdict, does with an attempt."""
        with self.office.database.begin() as session:
            found = session.get_one(Attempt, attempt)
            for name, value in values.items():
                setattr(found, name, value)
            postings.update(session, found.activity, found.person_id, self.office.clock())

    def activity(self, **values: Any) -> None:
        with self.office.database.begin() as session:
            for name, value in values.items():
                setattr(session.get_one(Activity, self.office.activity), name, value)

    def row(self, person: str = "ana") -> Posting | None:
        with self.office.database.read() as session:
            return session.get(Posting, (self.office.activity, self.office.people[person]))

    def state(self, person: str = "ana") -> tuple[str, str]:
        row = self.row(person)
        assert row is not None
        return row.state, row.reason

    def send(self, kind: type[Postman] = Postman) -> int:
        """Send everything that is due; how many tries that took."""
        self.office.clock.move(seconds=2)
        postman, tries = self.postman(kind), 0
        while postman.send_one():
            tries += 1
        return tries

    def release(self, *, overwrite: bool = False, person: str = "ana") -> bool:
        with self.office.database.begin() as session:
            row = session.get_one(Posting, (self.office.activity, self.office.people[person]))
            teacher = session.get_one(Person, self.office.people["emmy"])
            return postings.release(session, row, teacher, self.office.clock(), overwrite=overwrite)

    @property
    def scores(self) -> list[float]:
        """Everything that the platform took, in order."""
        return [score["scoreGiven"] for score in self.platform.received]

    def shown(self, person: str = "ana") -> float | None:
        cell = self.platform.cells.get((self.column, person))
        return cell.score if cell else None

    def by_hand(self, score: float, person: str = "ana") -> None:
        """A teacher types a mark, of 100, into the gradebook of the platform."""
        self.platform.cells[self.column, person] = Cell(score, "", int(self.office.clock().timestamp()))


@pytest.fixture(scope="module")
def running() -> Iterator[LtiPlatform]:
    with LtiPlatform() as platform:
        yield platform


@pytest.fixture
def desk(tmp_path: Path, tiny_course: Course, keys: ToolKeys, running: LtiPlatform) -> Iterator[Desk]:
    platform = running
    for kept in (platform.cells, platform.columns, platform.received):
        kept.clear()
    with new_database(tmp_path) as database:
        platform.people = {name: Member(name, name.title()) for name in ("ana", "bruno", "chidi")}
        platform.add_tool("https://tool.example", jwks=keys.jwks())
        office = Office(tmp_path, tiny_course, database, "90_tiny")
        # The platform refuses what is in the future by its own clock.
        office.clock.now = datetime.now(UTC) - timedelta(days=4)
        with database.begin() as session:
            ours = tables.Platform(
                issuer=platform.url,
                client_id="tool-1",
                auth_login_url=platform.auth_url,
                auth_token_url=platform.token_url,
                jwks_url=platform.jwks_url,
                added_at=office.clock(),
            )
            session.add(ours)
            session.flush()
            activity = session.get_one(Activity, office.activity)
            activity.section.platform_id = ours.id
            activity.line_item_url, activity.line_items_url = platform.column_url("1"), platform.columns_url
            activity.scopes = GRADES
        yield Desk(office, platform, keys)


class DiesAfterSending(Postman):
    """As if its process were killed when the platform has answered."""

    def _arrived(self, errand: Errand) -> None:
        raise KeyboardInterrupt


class DiesBeforeSending(Postman):
    """As if its process were killed when everything is written down and nothing is sent."""

    def _put_off(self, errand: Errand, problem: str, retry_after: float | None) -> None:
        raise KeyboardInterrupt


def test_a_mark_arrives_once_with_its_comment_and_says_that_it_is_final(desk: Desk) -> None:
    number = desk.mark(7.5)
    assert desk.send() == 1
    assert desk.send() == 0
    (sent,) = desk.platform.received
    token = desk.office.attempt(number).token
    assert (sent["scoreGiven"], sent["scoreMaximum"], sent["gradingProgress"]) == (7.5, 10.0, "FullyGraded")
    assert sent["comment"] == f"7.5 of 10 points. Feedback: http://127.0.0.1:8000/attempts/{token}/feedback"
    assert desk.shown() == 75.0
    assert desk.state() == (PostState.SENT, "")


def test_stamps_rise_in_whole_seconds_even_if_marks_follow_at_once(desk: Desk) -> None:
    desk.mark(5.0)
    postman = desk.postman()
    assert postman.send_one()
    desk.mark(6.0)
    assert postman.send_one()
    assert desk.scores == [5.0]
    desk.office.clock.move(seconds=1.5)
    assert postman.send_one()
    assert desk.scores == [5.0, 6.0]
    first, second = (datetime.fromisoformat(sent["timestamp"]) for sent in desk.platform.received)
    assert int(second.timestamp()) > int(first.timestamp())


def test_a_worse_later_attempt_posts_nothing_where_the_best_counts_and_its_mark_where_the_last_does(desk: Desk) -> None:
    desk.mark(8.0)
    desk.send()
    desk.mark(3.0)
    assert desk.send() == 0
    desk.activity(counts=Counts.LAST)
    desk.mark(4.0)
    desk.send()
    assert desk.scores == [8.0, 4.0]


def test_a_late_deduction_is_told_in_the_students_language(desk: Desk) -> None:
    desk.activity(due_at=desk.office.clock() - timedelta(hours=30), late_percent_per_day=10.0)
    with desk.office.database.begin() as session:
        session.get_one(Person, desk.office.people["ana"]).language = "es"
    number = desk.mark(9.0)
    desk.send()
    assert desk.scores == [7.2]
    assert desk.platform.received[0]["comment"].startswith("7.2 de 10 puntos. 1.8 puntos menos por el retraso. ")
    with desk.office.database.begin() as session:
        due = desk.office.clock()
        session.add(Extension(activity_id=desk.office.activity, person_id=desk.office.people["ana"], due_at=due))
    desk.change(number)
    desk.send()
    assert desk.scores == [7.2, 9.0]


def test_a_teachers_try_a_file_that_was_no_notebook_and_an_activity_without_grades_post_nothing(desk: Desk) -> None:
    desk.mark(9.0, "emmy")
    desk.mark(9.0, "bruno", trial=True)
    desk.mark(0.0, "chidi", status="rejected")
    desk.activity(scopes="")
    desk.mark(9.0, "ana")
    assert [desk.row(name) for name in desk.office.people] == [None] * 4
    assert desk.send() == 0


def test_what_needs_review_posts_nothing_until_a_person_decides(desk: Desk) -> None:
    first = desk.mark(4.0, "bruno", status="needs_review")
    assert desk.row("bruno") is None
    desk.mark(6.0)
    desk.send()
    second = desk.mark(0.0, status="needs_review")
    assert desk.state() == (PostState.HELD, Reason.REVIEW)
    assert not desk.release(overwrite=True)
    assert desk.send() == 0
    desk.change(first, decided_score=5.0)
    desk.change(second, decided_score=9.5)
    desk.send()
    assert sorted(desk.scores) == [5.0, 6.0, 9.5]
    third = desk.mark(0.0, status="needs_review")
    desk.change(third, decided_score=1.0)
    assert desk.state() == (PostState.SENT, "")
    assert desk.send() == 0


def test_a_mark_changed_by_hand_in_the_lms_is_replaced_only_if_a_teacher_says_so(desk: Desk) -> None:
    desk.mark(5.0)
    desk.send()
    desk.by_hand(90.0)
    desk.mark(7.0)
    desk.send()
    assert (desk.state(), desk.shown()) == ((PostState.HELD, Reason.BY_HAND), 90.0)
    assert desk.release()
    desk.send()
    assert desk.state() == (PostState.HELD, Reason.BY_HAND)
    assert desk.release(overwrite=True)
    desk.send()
    assert (desk.state(), desk.shown()) == ((PostState.SENT, ""), 70.0)


def test_a_mark_changed_by_hand_that_a_teacher_leaves_stays_until_ours_changes_and_is_then_asked_about(
    desk: Desk,
) -> None:
    desk.mark(5.0)
    desk.send()
    desk.by_hand(90.0)
    desk.mark(7.0)
    desk.send()
    with desk.office.database.begin() as session:
        row = session.get_one(Posting, (desk.office.activity, desk.office.people["ana"]))
        teacher = session.get_one(Person, desk.office.people["emmy"])
        assert postings.leave(session, row, teacher, desk.office.clock())
        assert not postings.leave(session, row, teacher, desk.office.clock())
    assert desk.send() == 0
    desk.mark(8.0)
    desk.send()
    assert (desk.state(), desk.shown()) == ((PostState.HELD, Reason.BY_HAND), 90.0)


def test_a_mark_that_was_there_before_ours_and_one_that_was_taken_away_count_as_changed_by_hand(desk: Desk) -> None:
    desk.by_hand(55.0)
    desk.mark(5.0)
    desk.mark(5.0, "bruno")
    desk.send()
    assert desk.state() == (PostState.HELD, Reason.BY_HAND)
    del desk.platform.cells[desk.column, "bruno"]
    desk.mark(6.0, "bruno")
    desk.send()
    assert desk.state("bruno") == (PostState.HELD, Reason.BY_HAND)


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        (Fault(500), 15.0),
        (Fault(503, retry_after=700), 690.0),
        (Fault(429, retry_after=7), 7.0),
        (Fault(seconds=6.0), 15.0),
    ],
)
def test_a_platform_that_cannot_just_now_is_asked_again_when_it_wants(desk: Desk, fault: Fault, least: float) -> None:
    desk.mark(4.0)
    desk.send()
    if fault.seconds:
        desk.service.web = Web(allow_http=True, wait=fault.seconds / 2)
    desk.platform.fail("scores", fault)
    desk.mark(5.0)
    desk.send()
    row = desk.row()
    assert row is not None
    assert (row.state, desk.scores) == (PostState.WAITING, [4.0])
    assert row.next_try_at >= desk.office.clock() + timedelta(seconds=least)
    assert row.problem
    assert desk.send() == 0
    desk.office.clock.now = row.next_try_at
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [4.0, 5.0])


def test_an_answer_that_was_lost_does_not_make_the_mark_come_twice(desk: Desk) -> None:
    desk.platform.fail("scores", Fault(500, applied=True))
    desk.mark(5.0)
    desk.send()
    assert desk.state() == (PostState.WAITING, "")
    desk.office.clock.move(minutes=1)
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0])


def dies(desk: Desk, kind: type[Postman]) -> None:
    """A postman that ends in the middle; its lease is over when this returns."""
    with pytest.raises(KeyboardInterrupt):
        desk.send(kind)
    assert desk.state() == (PostState.SENDING, "")
    assert desk.send() == 0
    desk.office.clock.move(minutes=6)


def test_a_postman_killed_between_sending_and_noting_leaves_nothing_to_be_sent_again(desk: Desk) -> None:
    desk.mark(5.0)
    dies(desk, DiesAfterSending)
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0])


def test_a_postman_killed_before_sending_has_its_mark_sent_by_the_next(desk: Desk) -> None:
    desk.platform.fail("scores", Fault(0))
    desk.mark(5.0)
    dies(desk, DiesBeforeSending)
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0])


def test_a_better_mark_after_such_a_death_is_not_taken_for_one_changed_by_hand(desk: Desk) -> None:
    desk.mark(5.0)
    dies(desk, DiesAfterSending)
    desk.mark(8.0)
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0, 8.0])


def test_where_results_cannot_be_read_the_same_mark_comes_again_with_a_later_time(desk: Desk) -> None:
    desk.activity(scopes=SCOPES["score"])
    desk.mark(5.0)
    dies(desk, DiesAfterSending)
    desk.send()
    assert desk.scores == [5.0, 5.0]
    first, second = (sent["timestamp"] for sent in desk.platform.received)
    assert first < second
    assert desk.state() == (PostState.SENT, "")


def test_a_mark_that_changes_while_it_is_sent_is_sent_again_as_it_is_now(desk: Desk) -> None:
    number = desk.mark(5.0)

    class Interrupted(Postman):
        def _arrived(self, errand: Errand) -> None:
            if errand.version == 1:
                desk.change(number, score=6.0)
            super()._arrived(errand)

    desk.send(Interrupted)
    row = desk.row()
    assert row is not None
    assert (row.state, row.sent_score, row.score) == (PostState.WAITING, 5.0, 6.0)
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0, 6.0])


def test_a_newer_mark_in_the_lms_is_left_alone(desk: Desk) -> None:
    desk.activity(scopes=SCOPES["score"])
    desk.mark(5.0)
    desk.platform.cells[desk.column, "ana"] = Cell(90.0, "", int(datetime.now(UTC).timestamp()))
    desk.send()
    assert (desk.state(), desk.shown()) == ((PostState.HELD, Reason.NEWER), 90.0)


def test_a_missing_column_is_made_where_that_is_allowed_and_else_asked_for(desk: Desk) -> None:
    desk.activity(line_item_url=None, scopes=" ".join((SCOPES["score"], SCOPES["lineitem.readonly"])))
    desk.mark(5.0)
    desk.send()
    assert desk.state() == (PostState.HELD, Reason.NO_COLUMN)
    desk.activity(scopes=GRADES)
    with desk.office.database.begin() as session:
        activity = session.get_one(Activity, desk.office.activity)
        postings.column_found(session, activity, desk.office.clock())
    desk.send()
    made = desk.platform.columns["2"]
    assert (made.maximum, desk.platform.cells["2", "ana"].score) == (10.0, 5.0)
    assert desk.office.attempt(1).activity.line_item_url == desk.platform.column_url("2")


def test_a_column_that_somebody_deleted_is_not_made_again_and_a_new_one_gets_all_marks(desk: Desk) -> None:
    desk.mark(5.0, "bruno")
    desk.send()
    del desk.platform.columns["1"]
    desk.mark(6.0)
    desk.send()
    assert desk.state() == (PostState.HELD, Reason.NO_COLUMN)
    desk.platform.columns["7"] = Column("7", "Exercise", 10.0)
    desk.activity(line_item_url=desk.platform.column_url("7"))
    with desk.office.database.begin() as session:
        activity = session.get_one(Activity, desk.office.activity)
        postings.column_found(session, activity, desk.office.clock())
    desk.send()
    assert {person: cell.score for (column, person), cell in desk.platform.cells.items() if column == "7"} == {
        "ana": 6.0,
        "bruno": 5.0,
    }


def test_what_the_platform_refuses_for_good_is_shown_to_the_teacher_who_may_send_it_again(desk: Desk) -> None:
    somebody = desk.platform.people.pop("ana")
    desk.mark(5.0)
    desk.send()
    assert desk.state() == (PostState.FAILED, Reason.REFUSED)
    desk.platform.people["ana"] = somebody
    assert desk.release()
    desk.send()
    assert (desk.state(), desk.scores) == ((PostState.SENT, ""), [5.0])


def test_after_two_days_without_an_answer_a_mark_has_failed(desk: Desk) -> None:
    desk.mark(5.0)
    desk.platform.fail("results", *[Fault(503)] * 5)
    waits = []
    for hours in (0, 1, 10, 36, 2):
        desk.office.clock.move(hours=hours)
        assert desk.send() == 1
        row = desk.row()
        assert row is not None
        waits.append(row.next_try_at - desk.office.clock())
    assert desk.state() == (PostState.FAILED, Reason.UNREACHABLE)
    assert waits[:4] == sorted(waits[:4])
    assert waits[0] < timedelta(seconds=30)
    assert waits[3] > timedelta(seconds=100)


def test_several_postmen_send_every_mark_of_a_class_once(desk: Desk) -> None:
    for number in range(6):
        name = f"s{number}"
        desk.office.enrol(name)
        desk.platform.people[name] = Member(name, name)
        desk.mark(number / 2, name)
    stop = threading.Event()
    postmen = [desk.postman(name=f"p{number}") for number in range(3)]
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in postmen]
    desk.office.clock.move(seconds=2)
    for thread in threads:
        thread.start()
    wait = threading.Event()
    for _ in range(300):
        if len(desk.platform.cells) == 6:
            break
        wait.wait(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(desk.scores) == [number / 2 for number in range(6)]


def test_deleting_a_person_deletes_what_should_be_posted_of_them(desk: Desk) -> None:
    desk.mark(5.0)
    with desk.office.database.begin() as session:
        session.execute(delete(Person).where(Person.id == desk.office.people["ana"]))
    assert desk.row() is None
    assert desk.send() == 0
