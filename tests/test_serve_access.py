"""Every address with every kind of visitor: nobody reaches what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from autograder.course import Course
from autograder.serve.tables import Platform
from autograder.serve.web.app import addresses
from autograder.serve.web.routes import Access, Address

from .service_sample import Sample

VISITORS = (None, "ana", "bruno", "gone", "stranger", "colleague", "teacher")
ALLOWED = {
    Access.SIGNED_IN: {"ana", "bruno", "gone", "stranger", "colleague", "teacher"},
    Access.MEMBER: {"ana", "bruno", "teacher"},
    Access.TEACHER: {"teacher"},
    Access.OWNER: {"ana", "teacher"},
}
"""By access, whom an address of Ana's attempt, or of her class, lets through."""


@pytest.fixture
def sample(tiny_course: Course, tmp_path: Path) -> Iterator[Sample]:
    made = Sample(tiny_course, tmp_path / "service")
    yield made
    made.close()


def _path(address: Address, sample: Sample, token: str) -> str:
    values = {"activity:id": sample.activity, "person:id": sample.people["ana"], "attempt": token, "regrade:id": 1}
    path = address.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path.replace("{stem}", "nobody").replace("{language}", "en")


def test_every_address_lets_in_only_those_it_is_declared_for(sample: Sample) -> None:
    token = sample.hand_in("ana", b"{}")
    wrong = []
    for visitor in VISITORS:
        browser = sample.browser(visitor)
        for address in addresses(sample.service):
            if address.access is Access.PUBLIC or address.path.endswith("/events"):
                continue
            path = _path(address, sample, token)
            assert "{" not in path, f"the test does not know how to fill in {path}"
            # Without the token of a form, whoever is let through changes nothing and is told so.
            answer = browser.request(address.method, path)
            let_in = answer.status_code not in (401, 404)
            expected = visitor in ALLOWED[address.access]
            if visitor is None:
                if answer.status_code != 401:
                    wrong.append((visitor, address.method, path, answer.status_code))
            elif let_in != expected and not (expected and _says_so_itself(address)):
                wrong.append((visitor, address.method, path, answer.status_code))
    assert wrong == []


def _says_so_itself(address: Address) -> bool:
    """An address where nothing is also for those who may see it: here are no quiz, no verdict and no released notebook."""
    return address.path.endswith(("/{stem}.html", "/quiz", "/notebook/{language}", "/feedback", "/receipt"))


def test_refused_and_missing_look_the_same(sample: Sample) -> None:
    token = sample.hand_in("ana", b"{}")
    browser = sample.browser("bruno")
    theirs = browser.get(f"/activities/{sample.other}/class")
    missing = browser.get("/activities/999/class")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.text == missing.text.replace("/activities/999/class", f"/activities/{sample.other}/class")
    assert sample.browser("bruno").post(f"/attempts/{token}/decision", data={"score": "10"}).status_code == 404


def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(sample: Sample) -> None:
    browser = sample.browser("teacher")
    path = f"/activities/{sample.activity}/settings"
    form = {"choice": "assignment:90_tiny", "late_percent_per_day": "5"}
    assert browser.post(path, data=form).status_code == 403
    assert browser.post(path, data=form | {"csrf": sample.csrf(sample.browser("ana"))}).status_code == 403
    mine = form | {"csrf": sample.csrf(browser)}
    assert browser.post(path, data=mine, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post(path, data=mine, headers={"Origin": "null"}).status_code == 403


def test_every_answer_carries_the_policy(sample: Sample) -> None:
    for path in ("/", "/nothing", f"/activities/{sample.activity}/class", "/static/service.css"):
        answer = sample.browser("teacher").get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_static_files_are_only_those_that_are_meant(sample: Sample) -> None:
    browser = sample.browser()
    assert browser.get("/static/base.css").status_code == 200
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/app.py", "/static/"):
        assert browser.get(path).status_code == 404


def test_a_session_ends_with_its_time_and_by_signing_out(sample: Sample) -> None:
    browser = sample.browser("ana")
    assert "Ana" in browser.get("/").text
    assert browser.post("/sign-out", data={"csrf": sample.csrf(browser)}).status_code == 303
    assert "Ana" not in browser.get("/").text
    again = sample.browser("ana")
    sample.clock.move(hours=9)
    assert "Ana" not in again.get("/").text


def test_the_cookie_lives_in_the_lms_frame_and_is_hidden_from_scripts(sample: Sample) -> None:
    from autograder.serve.web.sessions import set_cookie

    cookie = set_cookie(sample.service.settings, "x")
    assert cookie.startswith("__Host-session=x; Path=/; HttpOnly")
    assert cookie.endswith("SameSite=None; Secure; Partitioned")


def test_whoever_guesses_invitations_is_slowed_down(sample: Sample) -> None:
    browser = sample.browser()
    answers = [browser.get(f"/lti/register?invite={number}").status_code for number in range(31)]
    assert answers == [403] * 30 + [429]
    assert int(browser.get("/lti/register").headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    "path", ["/activities/9223372036854775808", f"/activities/{'1' * 5000}/class", "/activities/-1", "/activities/1/"]
)
def test_numbers_that_no_row_has_lead_nowhere(sample: Sample, path: str) -> None:
    assert sample.browser("ana").get(path).status_code == 404


@pytest.mark.parametrize("origin", ["http://[", "null", "https://grade.example.org.evil", "https://{x}"])
def test_an_odd_origin_is_another_site(sample: Sample, origin: str) -> None:
    browser = sample.browser("ana")
    form = {"csrf": sample.csrf(browser), "language": "es"}
    assert browser.post("/language", data=form, headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("charset", ["punycode", "undefined", "unicode_escape"])
def test_a_form_in_an_odd_encoding_is_refused(sample: Sample, charset: str) -> None:
    body = b'--X\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--X--\r\n'
    headers = {"Content-Type": f"multipart/form-data; charset={charset}; boundary=X"}
    assert sample.browser("ana").post("/language", content=body, headers=headers).status_code in (400, 403)
    assert sample.browser().post("/lti/login", content=body, headers=headers).status_code == 400


def test_a_page_that_fails_says_so_under_the_policy_and_logs_no_token(
    sample: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    token = sample.hand_in("ana", b"{}")
    with sample.database.begin() as session:
        session.execute(text("ALTER TABLE jobs RENAME TO gone"))
    browser = sample.browser("ana")
    answer = browser.get(f"/attempts/{token}")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    ours = [record for record in caplog.records if record.name.startswith("autograder")]
    assert [record.path for record in ours] == ["/attempts/{attempt}"]  # type: ignore[attr-defined]
    assert "Traceback" not in answer.text


def test_a_platform_with_an_odd_address_frames_nothing_and_breaks_nothing(sample: Sample) -> None:
    with sample.database.begin() as session:
        for number, issuer in enumerate(
            ("https://[", "https://{x}.org", "https://a; script-src *", "https://lms.example.org")
        ):
            urls = dict.fromkeys(("auth_login_url", "auth_token_url", "jwks_url"), issuer)
            session.add(Platform(issuer=issuer, client_id=str(number), added_at=sample.clock(), **urls))
    policy = sample.browser().get("/").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://lms.example.org")
