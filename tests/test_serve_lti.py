"""The whole way over real HTTP: an LMS is invited, a teacher chooses content, a student hands in, the mark arrives in the LMS."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.authoring import read_template
from autograder.course import Course
from tests.conftest import Bench
from tests.lti_class import Browser, Meeting, meeting

NAME = "90_tiny"


@pytest.fixture
def met(tiny_course: Course, tmp_path: Path) -> Iterator[Meeting]:
    """Service and platform that have not heard of each other."""
    with meeting(tiny_course, tmp_path / "service") as found:
        yield found


@pytest.fixture
def registered(met: Meeting) -> Meeting:
    """The platform has registered itself, and has one activity: the assignment, chosen by its teacher."""
    register(met, met.command("invite"))
    choose(met)
    return met


def register(met: Meeting, address: str) -> Browser:
    """What an administrator's browser does with the address from `platforms invite`."""
    return met.browser().go(met.platform.registration_url(address))


def choose(met: Meeting) -> Browser:
    """A teacher selects the assignment as content."""
    browser = met.launch("teacher", deep=True)
    return browser.send("/lti/choose", choice=f"assignment:{NAME}")


def notebook(course: Course, answers: dict[str, str] | None = None) -> bytes:
    return json.dumps(read_template(course.assignment(NAME), "en").reference(answers or {})).encode()


def causes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.cause for record in caplog.records if hasattr(record, "cause")]


# --- the way a mark takes --------------------------------------------------------------------------------------------


def test_from_the_invitation_to_the_mark_in_the_gradebook(
    registered: Meeting, tiny: Bench, using: Callable[[Bench, Course], Bench]
) -> None:
    using(tiny, registered.service.course)
    platform = registered.platform
    (link,) = platform.links.values()
    assert dict(link.custom) == {"assignment": NAME}
    assert platform.columns[link.column].maximum == 10

    ana = registered.launch("ana", link.id)
    assert ana.page.status_code == 200
    assert "Ana Ñandú" in ana.page.text
    ana.hand_in(notebook(registered.service.course))
    attempt = str(ana.page.url)
    assert "/attempts/" in attempt
    registered.grade(tiny.engine)
    assert registered.post_marks() == 1
    cell = platform.cells[link.column, "ana"]
    assert cell.score == 10
    assert attempt in cell.comment
    assert "10 de 10" in cell.comment, "the platform says that Ana reads Spanish"
    assert "10" in ana.go(attempt).page.text


def test_a_worse_attempt_and_a_teachers_own_try_change_nothing_and_a_mark_by_hand_does(
    registered: Meeting, tiny: Bench, using: Callable[[Bench, Course], Bench]
) -> None:
    course = registered.service.course
    using(tiny, course)
    platform = registered.platform
    (link,) = platform.links.values()
    ana, teacher = registered.launch("ana", link.id), registered.launch("teacher", link.id)
    activity = str(ana.page.url)
    assert teacher.page.url.path.endswith("/class")
    first = ana.hand_in(notebook(course)).page.url.path
    ana.go(activity).hand_in(notebook(course, {"mse": "def mse(a, b):\n    return 0.0"}))
    teacher.go(f"{activity}?try").hand_in(notebook(course))
    for _ in range(3):
        registered.grade(tiny.engine)
    registered.post_marks()
    assert [said["userId"] for said in platform.received] == ["ana"]
    assert platform.received[0]["scoreGiven"] == 10

    teacher.go(f"{activity}/class").go(teacher_link(teacher, "/people/"))
    # Marks of the same second are all the same to a platform.
    time.sleep(1.05)
    teacher.send(f"{first}/decision", score="7.5", comment="Very well explained")
    registered.post_marks()
    assert [said["scoreGiven"] for said in platform.received] == [10, 7.5]
    assert "Very well explained" in ana.go(first).page.text
    log = teacher.go(f"{activity}/log").page.text
    assert "attempt.decided" in log


def teacher_link(browser: Browser, part: str) -> str:
    """The first link of the page with `part` in it."""
    return next(each.split('"')[0] for each in browser.page.text.split('href="')[1:] if part in each.split('"')[0])


def test_a_teacher_brings_the_roster_of_the_lms(registered: Meeting) -> None:
    teacher = registered.launch("teacher")
    teacher.send("/roster")
    assert {"Ana Ñandú", "Bo Lee"} <= set(names(teacher.page.text))
    assert "Carla Gil" not in names(teacher.page.text), "she has left the course"
    assert registered.person("visitor") is None


def names(html: str) -> list[str]:
    return [each.split(">")[1].split("<")[0] for each in html.split('<th scope="row"><a ')[1:]]


# --- who is let in ---------------------------------------------------------------------------------------------------


def test_an_invitation_registers_one_platform(met: Meeting, caplog: pytest.LogCaptureFixture) -> None:
    address = met.command("invite")
    assert address.startswith(f"{met.url}/lti/register?invite=")
    assert register(met, address).page.status_code == 200
    (client,) = met.platform.clients.values()
    assert client.login_url == f"{met.url}/lti/login"
    assert f"client {client.client_id}" in met.command("list")
    with caplog.at_level(logging.WARNING):
        again = register(met, address)
    assert again.page.status_code == 403
    assert causes(caplog) == ["not-invited"]
    assert len(met.platform.clients) == 1
    assert register(met, f"{met.url}/lti/register").page.status_code == 403
    assert len(met.platform.clients) == 1


def test_a_launch_that_comes_twice_is_refused_with_a_code_and_a_line_in_the_log(
    registered: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    ana = registered.launch("ana")
    url, fields = ana.forms[-1]
    assert url == f"{registered.url}/lti/launch"
    with caplog.at_level(logging.WARNING):
        refused = ana.client.post(url, data=fields)
    assert refused.status_code == 400
    assert "state-unknown" in refused.text
    assert causes(caplog) == ["state-unknown"]


def test_a_launch_signed_by_somebody_else_is_refused(registered: Meeting, caplog: pytest.LogCaptureFixture) -> None:
    from tests.lti_platform import make_key

    registered.launch("ana")
    (kid,) = registered.platform.keys
    registered.platform.keys[kid] = make_key()
    with caplog.at_level(logging.WARNING):
        bo = registered.launch("bo")
    assert bo.page.status_code == 400
    assert causes(caplog) == ["signature"]
    assert "signature" in bo.page.text
    assert registered.person("bo") is None


def test_whoever_is_neither_student_nor_teacher_gets_nothing(
    registered: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        visitor = registered.launch("visitor")
    assert visitor.page.status_code == 403
    assert causes(caplog) == ["no-role"]
    assert registered.person("visitor") is None
    assert visitor.client.get(f"{registered.url}/activities/1").status_code == 401


def test_without_cookies_the_page_offers_a_window_in_which_the_launch_goes_on(
    registered: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        framed = registered.launch("ana", browser=registered.browser(cookies=False))
    assert framed.page.status_code == 400
    assert causes(caplog) == ["cookies-blocked"]
    window = registered.browser().go(f"{registered.url}{teacher_link(framed, '/lti/login').replace('&amp;', '&')}")
    assert window.page.status_code == 200
    assert "Ana Ñandú" in window.page.text


def test_content_is_chosen_by_whoever_was_asked(registered: Meeting) -> None:
    teacher, ana = registered.launch("teacher", deep=True), registered.launch("ana")
    asked = next(fields["asked"] for at, fields in _forms(teacher) if at == "/lti/choose")
    (link,) = registered.platform.links
    csrf = next(fields["csrf"] for _, fields in _forms(ana) if "csrf" in fields)
    stolen = ana.client.post(
        f"{registered.url}/lti/choose", data={"csrf": csrf, "asked": asked, "choice": f"assignment:{NAME}"}
    )
    assert stolen.status_code == 403
    assert list(registered.platform.links) == [link]
    student = registered.launch("ana", deep=True)
    assert student.page.status_code == 403


def _forms(browser: Browser) -> list[tuple[str, dict[str, str]]]:
    from tests.lti_class import forms

    return forms(browser.page.text)
