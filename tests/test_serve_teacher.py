"""What teachers do: marks by hand, more time, rules, grading again, and what they can take away."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.serve import queue, teaching
from autograder.serve.attempts import keep_verdict, standing_of
from autograder.serve.standing import Standing
from autograder.serve.tables import Activity, Attempt, Audit, Job, Person, Regrade
from autograder.text import Text

from .clock import START
from .service_sample import Sample

SAME = Text("x", "x")


def report(*points: float, outcome: Outcome = Outcome.PASSED) -> Report:
    """A verdict with one check per number of points; `outcome` is the last one's."""
    outcomes = [Outcome.PASSED] * (len(points) - 1) + [outcome]
    checks = tuple(
        CheckResult(f"90_tiny.c{at}", "mse", each, value, SAME, SAME)
        for at, (value, each) in enumerate(zip(points, outcomes, strict=True))
    )
    status = Status.NEEDS_REVIEW if outcome is Outcome.UNJUDGED else Status.GRADED
    return Report("", "90_tiny", status, checks, max_score=10.0)


@pytest.fixture
def sample(tiny_course: Course, tmp_path: Path) -> Iterator[Sample]:
    made = Sample(tiny_course, tmp_path / "service")
    yield made
    made.close()


def standing(sample: Sample, name: str) -> Standing:
    with sample.database.read() as session:
        return standing_of(session, session.get_one(Activity, sample.activity), sample.people[name])


def send(sample: Sample, path: str, **form: str) -> int:
    browser = sample.browser("teacher")
    return browser.post(path, data=form | {"csrf": sample.csrf(browser)}).status_code


def rules(sample: Sample, **form: str) -> int:
    return send(sample, f"/activities/{sample.activity}/settings", choice="assignment:90_tiny", **form)


def test_a_mark_by_hand_stands_in_place_of_the_verdict_until_it_is_taken_back(sample: Sample) -> None:
    token = sample.hand_in("ana", b"a", report(4.0, 6.0, outcome=Outcome.UNJUDGED))
    assert not standing(sample, "ana").mark.final
    assert "Ana" in sample.browser("teacher").get(f"/activities/{sample.activity}/review").text
    assert send(sample, f"/attempts/{token}/decision", score="7,5", comment="Close enough") == 303
    mark = standing(sample, "ana").mark
    assert (mark.score, mark.final) == (7.5, True)
    assert "Ana" not in sample.browser("teacher").get(f"/activities/{sample.activity}/review").text
    assert send(sample, f"/attempts/{token}/decision", withdraw="1") == 303
    assert (standing(sample, "ana").mark.score, standing(sample, "ana").mark.final) == (4.0, False)


def test_a_mark_that_a_person_has_to_settle_is_shown_to_nobody_as_theirs(sample: Sample) -> None:
    token = sample.hand_in("ana", b"a", report(4.0, 6.0, outcome=Outcome.UNJUDGED))
    page = sample.browser("ana").get(f"/attempts/{token}").text
    assert "a person will look at it" in page
    assert 'class="score"' not in page
    send(sample, f"/attempts/{token}/decision", score="7.5", comment="")
    assert '<p class="score"><strong>7.5</strong>' in sample.browser("ana").get(f"/attempts/{token}").text


@pytest.mark.parametrize("score", ["11", "-1", "nan", "inf", "ten", "1e999", ""])
def test_a_mark_that_cannot_be_is_refused_and_nothing_changes(sample: Sample, score: str) -> None:
    token = sample.hand_in("ana", b"a", report(4.0, 6.0))
    assert send(sample, f"/attempts/{token}/decision", score=score, comment="") == 400
    with sample.attempt(token) as attempt:
        assert attempt.decided_score is None


def test_late_rules_cost_what_they_say_and_an_extension_gives_it_back(sample: Sample) -> None:
    sample.clock.now = START + timedelta(hours=30)
    sample.hand_in("ana", b"a", report(10.0))
    due = f"{START:%Y-%m-%dT%H:%M}"
    assert rules(sample, due_at=due, late_percent_per_day="10", late_percent_at_most="50", counts="best") == 303
    mark = standing(sample, "ana").mark
    assert (mark.score, mark.deducted, mark.late) == (8.0, 2.0, timedelta(hours=30))
    path = f"/activities/{sample.activity}/people/{sample.people['ana']}/extension"
    assert send(sample, path, due_at=f"{START + timedelta(hours=6):%Y-%m-%dT%H:%M}", reason="ill") == 303
    assert standing(sample, "ana").mark.score == 9.0
    assert send(sample, path, due_at="", reason="") == 303
    assert standing(sample, "ana").mark.score == 8.0


def test_rules_that_contradict_each_other_change_nothing(sample: Sample) -> None:
    assert rules(sample, due_at="2027-03-02T10:00", closes_at="2027-03-01T10:00", counts="best") == 400
    assert rules(sample, due_at="tomorrow", counts="best") == 400
    for date in ("0026-12-31T23:59", "9999-12-31T23:59", "0001-01-01T00:00+14:00"):
        assert rules(sample, due_at=date, counts="best") == 400
    assert rules(sample, late_percent_per_day="101", counts="best") == 400
    assert rules(sample, max_attempts="0", counts="best") == 400
    assert rules(sample, counts="worst") == 404
    with sample.database.read() as session:
        activity = session.get_one(Activity, sample.activity)
        assert (activity.due_at, activity.late_percent_per_day, activity.max_attempts) == (None, 0.0, None)


def test_best_and_last_choose_the_attempt_that_counts(sample: Sample) -> None:
    sample.hand_in("ana", b"a", report(9.0))
    sample.hand_in("ana", b"b", report(5.0))
    assert standing(sample, "ana").mark.score == 9.0
    rules(sample, counts="last")
    assert standing(sample, "ana").mark.score == 5.0


def test_a_rejected_file_never_takes_the_place_of_a_mark(sample: Sample) -> None:
    rules(sample, counts="last")
    sample.hand_in("ana", b"a", report(9.0))
    sample.hand_in("ana", b"b", replace(report(9.0), checks=(), status=Status.REJECTED))
    assert standing(sample, "ana").mark.score == 9.0


def test_an_open_attempt_that_may_be_better_keeps_the_mark_open(sample: Sample) -> None:
    sample.hand_in("ana", b"a", report(5.0))
    sample.hand_in("ana", b"b", report(4.0, 6.0, outcome=Outcome.UNJUDGED))
    assert not standing(sample, "ana").mark.final
    sample.hand_in("ana", b"c", report(10.0))
    assert standing(sample, "ana").mark.score == 10.0
    assert standing(sample, "ana").mark.final


def _finish(sample: Sample, verdicts: dict[str, Report]) -> None:
    """Be the worker: give every queued job the verdict for its attempt's student."""
    with sample.database.begin() as session:
        for job in queue.claim(session, "w", 100, sample.clock()):
            name = next(name for name, number in sample.people.items() if number == job.attempt.person_id)
            verdict = keep_verdict(session, f"new {name}", verdicts[name], sample.clock())
            queue.finish(job, verdict.key, sample.clock())


def _settled(sample: Sample) -> tuple[Regrade, Activity]:
    with sample.database.read() as session:
        return session.scalars(select(Regrade)).one(), session.get_one(Activity, sample.activity)


def test_a_regrade_changes_nothing_until_it_is_accepted(sample: Sample) -> None:
    sample.hand_in("ana", b"a", report(6.0), key="old a")
    sample.hand_in("bruno", b"b", report(8.0), key="old b")
    with sample.database.begin() as session:
        for job in session.scalars(select(Job)).all():
            session.delete(job)
    path = f"/activities/{sample.activity}/regrades"
    assert send(sample, path) == 303
    assert send(sample, path) == 409
    asked, _ = _settled(sample)
    assert send(sample, f"{path}/{asked.id}", do="accept") == 409
    _finish(sample, {"ana": report(9.0), "bruno": report(5.0)})
    assert (standing(sample, "ana").mark.score, standing(sample, "bruno").mark.score) == (6.0, 8.0)
    page = sample.browser("teacher").get(path).text
    assert page.index("Bruno") < page.index("Ana")
    assert "1 gain, 1 lose" in page
    assert send(sample, f"{path}/{asked.id}", do="accept") == 303
    assert (standing(sample, "ana").mark.score, standing(sample, "bruno").mark.score) == (9.0, 5.0)
    assert send(sample, f"{path}/{asked.id}", do="accept") == 409


def test_a_dropped_regrade_leaves_everything_as_it_was(sample: Sample) -> None:
    sample.hand_in("ana", b"a", report(6.0), key="old a")
    with sample.database.begin() as session:
        session.delete(session.scalars(select(Job)).one())
    path = f"/activities/{sample.activity}/regrades"
    send(sample, path)
    asked, _ = _settled(sample)
    assert send(sample, f"{path}/{asked.id}", do="drop") == 303
    assert standing(sample, "ana").mark.score == 6.0
    with sample.database.read() as session:
        assert session.scalars(select(Job)).all() == []


def test_a_regrade_of_another_class_cannot_be_settled_from_here(sample: Sample) -> None:
    with sample.database.begin() as session:
        other = Regrade(activity_id=sample.other, asked_at=sample.clock())
        session.add(other)
        session.flush()
        number = other.id
    assert send(sample, f"/activities/{sample.activity}/regrades/{number}", do="drop") == 404


def test_marks_and_notebooks_can_be_taken_away(sample: Sample) -> None:
    with sample.database.begin() as session:
        session.get_one(Person, sample.people["bruno"]).name = "=cmd|' /C calc'!A0"
    sample.hand_in("ana", b"the first", report(6.0))
    sample.hand_in("bruno", b"the second", report(8.0))
    browser = sample.browser("teacher")
    rows = list(csv.DictReader(io.StringIO(browser.get(f"/activities/{sample.activity}/marks.csv").text)))
    assert {row["mark"] for row in rows} == {"6", "8"}
    assert not any(row["name"].startswith("=") for row in rows)
    found = browser.get(f"/activities/{sample.activity}/submissions.zip")
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert sorted(archive.read(name) for name in archive.namelist()) == [b"the first", b"the second"]
        assert all(name.endswith("/90_tiny/90_tiny.ipynb") for name in archive.namelist())


def test_the_class_page_runs_its_own_script_apart_from_the_session_and_leads_to_attempts(sample: Sample) -> None:
    token = sample.hand_in("ana", b"a", report(6.0))
    browser = sample.browser("teacher")
    page = browser.get(f"/activities/{sample.activity}/insights")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "script-src 'sha256-" in policy
    link = next(part.split('"')[0] for part in page.text.split('href="') if part.startswith("pages/"))
    assert browser.get(f"/activities/{sample.activity}/{link}").headers["location"] == f"/attempts/{token}"


def test_a_teachers_own_try_is_no_students_and_counts_nowhere(sample: Sample) -> None:
    sample.hand_in("teacher", b"a", report(6.0))
    with sample.database.read() as session:
        assert session.scalars(select(Attempt.trial)).all() == [True]
        activity = session.get_one(Activity, sample.activity)
        assert [pupil.person.name for pupil in teaching.pupils(session, activity)] == ["Ana", "Bruno"]
        assert all(not pupil.attempts for pupil in teaching.pupils(session, activity))


def test_what_teachers_do_is_written_down(sample: Sample) -> None:
    token = sample.hand_in("ana", b"a", report(6.0))
    send(sample, f"/attempts/{token}/decision", score="7", comment="")
    with sample.database.read() as session:
        actions = session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert actions[:2] == ["attempt.handed_in", "attempt.decided"]
    page = sample.browser("teacher", "es").get(f"/activities/{sample.activity}/log").text
    assert "attempt.decided" in page
    assert "Registro" in page


def test_health_says_that_nobody_grades(sample: Sample) -> None:
    sample.hand_in("ana", b"a")
    page = sample.browser("teacher").get(f"/activities/{sample.activity}/health").text
    assert "No worker is running" in page
    assert "1 queued, 0 being graded" in page
