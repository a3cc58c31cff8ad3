"""What the tool says and asks of a platform, over real HTTP: keys, tokens, registration, choices, rosters and marks."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2 as httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem as OracleLineItem
from pylti1p3.registration import Registration

from autograder.lti import (
    Cause,
    Column,
    GradesEndpoint,
    Grading,
    Item,
    KeyFileError,
    LaunchRefused,
    Member,
    NewerThere,
    RegistrationRefused,
    Rejected,
    Result,
    Role,
    Score,
    Service,
    Tool,
    ToolKeys,
    TryLater,
    Web,
    find_or_create_line_item,
    next_timestamp,
    post_score,
    read_results,
    read_roster,
    register,
    respond,
)
from autograder.lti.errors import quoted
from autograder.lti.grades import LINE_ITEM, LINE_ITEM_READ, beside, iso, with_query
from autograder.lti.registration import application

from .lti_desk import BASE, TOOL, Desk, record
from .lti_platform import DL, SCOPES, TOOL_CONFIGURATION, Fault, LtiPlatform, Refusal, make_key

KEY = make_key()


@pytest.fixture(scope="module")
def served() -> Iterator[LtiPlatform]:
    with LtiPlatform(key=KEY) as platform:
        yield platform


@pytest.fixture
def platform(served: LtiPlatform) -> LtiPlatform:
    served.reset()
    return served


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "tool.pem"
    ToolKeys.load(path)
    return path


@pytest.fixture
def desk(platform: LtiPlatform, key_file: Path) -> Desk:
    return Desk(platform, key_file)


def scored(person: str = "ana", points: float = 7.5, **changes: Any) -> Score:
    return replace(Score(person, datetime.now(UTC), points, 10.0, "Muy bien"), **changes)


# ---- the tool's keys


def test_keys_are_made_at_first_use_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tool.pem"
    keys = ToolKeys.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [key.kid for key in ToolKeys.load(path).keys] == [key.kid for key in keys.keys]
    (published,) = keys.jwks()["keys"]
    assert published.keys() == {"kty", "n", "e", "kid", "alg", "use"}
    # RFC 7638: the hash of the required members, in order and without spaces.
    members = json.dumps({name: published[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()
    assert published["kid"] == digest
    assert jwt.decode(keys.sign({"a": 1}), jwt.PyJWK(published).key, algorithms=["RS256"]) == {"a": 1}
    assert "PRIVATE" not in repr(keys)


def test_of_processes_that_start_at_once_one_makes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "tool.pem"
    with ThreadPoolExecutor(4) as pool:
        names = {keys.keys[-1].kid for keys in pool.map(lambda _: ToolKeys.load(path), range(4))}
    assert len(names) == 1
    assert os.listdir(tmp_path) == ["tool.pem"]


def test_the_newest_key_signs_and_older_ones_stay_published_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "tool.pem"
    first = ToolKeys.load(path).keys[-1].kid
    second = ToolKeys.rotate(path, keep=2)
    assert [key["kid"] for key in second.jwks()["keys"]] == [first, second.keys[-1].kid]
    assert jwt.get_unverified_header(second.sign({}))["kid"] == second.keys[-1].kid != first
    third = ToolKeys.rotate(path, keep=2)
    assert [key.kid for key in third.keys[:-1]] == [second.keys[-1].kid]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ValueError):
        ToolKeys.rotate(path, keep=1)


def pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (None, 0o640, r"Others have access .*chmod 600"),
        (None, 0o604, r"Others have access"),
        (b"", 0o600, "damaged"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "damaged"),
        (b"x" * 70_000, 0o600, "damaged"),
        (pem(Ed25519PrivateKey.generate()), 0o600, "not RSA"),
    ],
)
def test_keys_that_must_not_be_used_are_refused_in_one_sentence(
    tmp_path: Path, content: bytes | None, mode: int, why: str
) -> None:
    path = tmp_path / "tool.pem"
    path.write_bytes(pem(make_key()) if content is None else content)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=why) as refusal:
        ToolKeys.load(path)
    assert "\n" not in str(refusal.value)


def test_a_link_in_place_of_the_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tool.pem").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="it is a link"):
        ToolKeys.load(tmp_path / "tool.pem")


def test_keys_that_cannot_be_written_are_told() -> None:
    with pytest.raises(KeyFileError, match="could not be made"):
        ToolKeys.load(Path("/proc/self/tool.pem"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="could not be opened"):
        ToolKeys.load(tmp_path / "file" / "tool.pem")


# ---- the way out


@pytest.mark.parametrize(
    "url",
    [
        "http://moodle.example.org/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://a@b/",
        "https://",
        "https://[::1",
        "",
    ],
)
def test_only_https_is_asked_and_http_only_of_this_machine(url: str) -> None:
    with pytest.raises(Rejected) as refusal:
        Web(allow_http=True).get(url)
    assert refusal.value.cause is Cause.SERVICE_ADDRESS


def test_without_leave_not_even_this_machine_is_asked_over_http(platform: LtiPlatform) -> None:
    with pytest.raises(Rejected):
        Web().get(platform.jwks_url)
    assert platform.requests["certs"] == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "[::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "0.0.0.0",
        "224.0.0.1",
        "[64:ff9b:1::a00:1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
    ],
)
def test_an_address_from_nobody_known_leads_into_no_private_network(host: str) -> None:
    with pytest.raises(Rejected, match="private network") as refusal:
        Web().get(f"https://{host}/", public=True)
    assert refusal.value.cause is Cause.SERVICE_ADDRESS


def test_a_name_that_nobody_has_is_no_fault_of_ours() -> None:
    with pytest.raises(TryLater, match="could not be looked up"):
        Web().get("https://nobody.invalid/", public=True)


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of an https server named moodle.example.org, whose certificate this process trusts; /drip never ends."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "moodle.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("moodle.example.org")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(KEY, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(pem(KEY))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = str(self.headers["Host"]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)
            while self.path == "/drip":
                time.sleep(0.05)
                self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_is_asked_by_the_number_that_was_checked_and_its_certificate_by_the_name(
    locked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the look-up and the check of its number are replaced: no public address is at hand."""
    looked_up = []

    def look_up(host: str, *rest: Any, **named: Any) -> Any:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", locked))]

    monkeypatch.setattr("autograder.lti.http.socket.getaddrinfo", look_up)
    monkeypatch.setattr("autograder.lti.http._public", lambda number: number == "127.0.0.1")
    web = Web(total=1.0)
    reply = web.get(f"https://moodle.example.org:{locked}/", public=True)
    assert reply.body.decode() == f"moodle.example.org:{locked}"
    assert looked_up.count("moodle.example.org") == 1
    with pytest.raises(TryLater, match="ConnectError"):
        web.get(f"https://other.example.org:{locked}/", public=True)
    with pytest.raises(TryLater, match="took too long"):
        web.get(f"https://moodle.example.org:{locked}/drip", public=True)


def test_an_answer_may_not_be_larger_than_agreed(platform: LtiPlatform) -> None:
    web = Web(allow_http=True, max_bytes=1000)
    platform.fail("certs", Fault(200, body=b"x" * 1000), Fault(200, body=b"x" * 1001))
    assert len(web.get(platform.jwks_url).body) == 1000
    with pytest.raises(Rejected, match="larger than 1000 bytes"):
        web.get(platform.jwks_url)


def test_a_redirect_is_followed_at_home_and_never_elsewhere(platform: LtiPlatform) -> None:
    web = Web(allow_http=True)
    platform.fail("certs", Fault(302, location="/mod/lti/openid-configuration.php"))
    assert web.get(platform.jwks_url).json("test")["issuer"] == platform.url
    with LtiPlatform(key=KEY) as other:
        platform.fail("certs", Fault(302, location=other.jwks_url))
        with pytest.raises(Rejected, match="answered 302"):
            web.get(platform.jwks_url).expected("test")
        assert other.requests["certs"] == 0
    platform.fail("certs", Fault(302, location="http://["))
    assert web.get(platform.jwks_url).status == 302
    platform.fail("certs", *[Fault(302, location="/mod/lti/certs.php?a=1")] * 5)
    assert web.get(platform.jwks_url).status == 302


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(0), "failed: RemoteProtocolError"),
        (Fault(200, seconds=20), "failed: ReadTimeout"),
        (Fault(drip=0.05), "failed: took too long"),
    ],
)
def test_a_platform_that_does_not_answer_in_time_is_asked_again_later(
    platform: LtiPlatform, fault: Fault, why: str
) -> None:
    platform.fail("certs", fault)
    started = time.monotonic()
    with pytest.raises(TryLater, match=why) as trouble:
        Web(allow_http=True, wait=0.3, total=0.8).get(platform.jwks_url)
    assert time.monotonic() - started < 10
    assert trouble.value.retry_after is None
    assert trouble.value.cause is Cause.SERVICE_LATER


def test_a_platform_that_is_off_is_asked_again_later() -> None:
    with LtiPlatform(key=KEY) as served:
        pass
    with pytest.raises(TryLater, match="ConnectError"):
        Web(allow_http=True).get(served.jwks_url)


@pytest.mark.parametrize(
    ("status", "given", "expected"),
    [
        (429, "7", 7.0),
        (503, 0, 0.0),
        (503, "86400", 3600.0),
        (503, "9" * 400, 3600.0),
        (503, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        (503, "Wed, 21 Oct 2099 07:28:00 GMT", 3600.0),
        (503, "soon", None),
        (503, "-5", None),
        (500, None, None),
        (408, None, None),
    ],
)
def test_how_long_a_busy_platform_wants_to_be_left_alone_is_kept_to_within_an_hour(
    platform: LtiPlatform, status: int, given: str | int | None, expected: float | None
) -> None:
    platform.fail("certs", Fault(status, retry_after=given))
    with pytest.raises(TryLater) as trouble:
        Web(allow_http=True).get(platform.jwks_url).expected("reading keys")
    assert trouble.value.retry_after == expected
    assert str(trouble.value).startswith("reading keys: ")


def test_what_a_log_line_quotes_is_short_and_on_one_line() -> None:
    assert quoted("a\nb\x1b[31m\u202e") == r"'a\nb\x1b[31m\u202e'"
    assert len(quoted("x" * 10_000)) == len(quoted(["y" * 10_000])) == 120


# ---- access tokens


def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end(desk: Desk) -> None:
    now = [0.0]
    service = Service(desk.web, lambda: ToolKeys.load(desk.key_file), clock=lambda: now[0])
    first = service.token(desk.known, SCOPES["score"])
    now[0] = 3539
    assert service.token(desk.known, SCOPES["score"]) == first
    assert service.token(desk.known, SCOPES["members"]) != first
    assert desk.platform.requests["token"] == 2
    now[0] = 3541
    assert service.token(desk.known, SCOPES["score"]) != first


def test_a_token_that_the_platform_forgot_is_asked_for_anew(desk: Desk) -> None:
    service = desk.service()
    post_score(service, desk.known, desk.platform.column_url("1"), scored())
    desk.platform.forget_tokens()
    post_score(service, desk.known, desk.platform.column_url("1"), scored("bo"))
    assert desk.platform.requests["token"] == 2
    assert len(desk.platform.received) == 2


def test_a_tool_without_the_right_is_refused_for_good(desk: Desk) -> None:
    client = desk.platform.clients["tool-1"]
    client.scopes = frozenset({SCOPES["score"]})
    with pytest.raises(Rejected, match="invalid_scope") as refusal:
        read_roster(desk.service(), desk.known, desk.platform.members_url)
    assert refusal.value.status == 400
    with pytest.raises(Rejected, match="does not grant"):
        desk.service().token(desk.known, f"{SCOPES['score']} {SCOPES['members']}")


def test_a_request_for_a_token_is_for_one_platform_alone(desk: Desk) -> None:
    with pytest.raises(Rejected, match="invalid_client"):
        desk.service().token(replace(desk.known, token_audience="https://other.example/token"), SCOPES["score"])
    with pytest.raises(Rejected, match="invalid_client"):
        desk.service().token(replace(desk.known, client_id="tool-2"), SCOPES["score"])


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"access_token": 7},
        {"access_token": "a b"},
        {"access_token": "a\r\nx: y"},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": "a", "expires_in": "soon"},
        {"access_token": "a", "expires_in": None},
    ],
)
def test_an_answer_without_a_token_is_refused(desk: Desk, answer: Any) -> None:
    desk.platform.fail("token", Fault(200, body=json.dumps(answer).encode()))
    with pytest.raises(Rejected, match="asking for an access token") as refusal:
        desk.service().token(desk.known, SCOPES["score"])
    assert refusal.value.cause is Cause.SERVICE_ANSWER


# ---- rosters


def test_a_roster_is_read_over_all_its_pages(desk: Desk) -> None:
    roster = read_roster(desk.service(), desk.known, desk.platform.members_url)
    assert (roster.context_id, roster.context_title) == ("2", "Deep learning")
    assert roster.members[0] == Member("ana", "Ana Ñandú", "ana@example.org", Role.STUDENT, True)
    assert [(member.subject, member.role.value, member.active) for member in roster.members[1:]] == [
        ("bo", "student", True),
        ("carla", "student", False),
        ("teacher", "teacher", True),
        ("visitor", "none", True),
    ]
    assert desk.platform.requests["members"] == 3


def test_a_roster_whose_second_page_fails_is_not_a_short_roster(desk: Desk) -> None:
    service = desk.service()
    desk.platform.fail("members", Fault(200, body=b'{"members": []}'))
    assert read_roster(service, desk.known, desk.platform.members_url).members == ()
    desk.platform.page_size = 1
    desk.platform.fail("members", *[Fault(503)])
    with pytest.raises(TryLater):
        read_roster(service, desk.known, desk.platform.members_url)


def test_a_next_page_elsewhere_never_gets_the_token(desk: Desk) -> None:
    with LtiPlatform(key=KEY) as thief:
        desk.platform.next_page = thief.members_url
        with pytest.raises(Rejected, match="or elsewhere"):
            read_roster(desk.service(), desk.known, desk.platform.members_url)
        assert thief.requests["members"] == 0


@pytest.mark.parametrize("following", ["http://[", "http://[::1", "//", "javascript:alert(1)", "http://a:b/"])
def test_a_next_page_that_is_no_address_is_refused(desk: Desk, following: str) -> None:
    desk.platform.next_page = following
    with pytest.raises(Rejected):
        read_roster(desk.service(), desk.known, desk.platform.members_url)


def test_pages_that_come_round_again_are_refused(desk: Desk) -> None:
    desk.platform.next_page = desk.platform.members_url
    with pytest.raises(Rejected, match="a repetition"):
        read_roster(desk.service(), desk.known, desk.platform.members_url)
    assert desk.platform.requests["members"] == 1


def test_a_roster_beyond_all_measure_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.lti.roster.MAX_MEMBERS", 3)
    with pytest.raises(Rejected, match="more than 3 members"):
        read_roster(desk.service(), desk.known, desk.platform.members_url)
    monkeypatch.setattr("autograder.lti.tokens.MAX_PAGES", 1)
    with pytest.raises(Rejected, match="one too many"):
        read_roster(desk.service(), desk.known, desk.platform.members_url)


@pytest.mark.parametrize(
    "body", [b"no", b"[]", b'{"members": {}}', b'{"members": [{}]}', b'{"members": [{"user_id": 5}]}']
)
def test_an_answer_that_is_no_roster_is_refused(desk: Desk, body: bytes) -> None:
    desk.platform.fail("members", Fault(200, body=body))
    with pytest.raises(Rejected, match="reading the roster") as refusal:
        read_roster(desk.service(), desk.known, desk.platform.members_url)
    assert refusal.value.cause is Cause.SERVICE_ANSWER


def test_a_member_of_whom_little_is_said_is_active_and_nobody(desk: Desk) -> None:
    desk.platform.fail("members", Fault(200, body=b'{"members": [{"user_id": "x", "roles": "all", "name": 7}]}'))
    roster = read_roster(desk.service(), desk.known, desk.platform.members_url)
    assert roster.members == (Member("x", "", "", Role.NONE, True),)


# ---- columns


def endpoint(desk: Desk, *scopes: str, line_item: str = "") -> GradesEndpoint:
    return GradesEndpoint(frozenset(scopes), desk.platform.columns_url, line_item)


def test_the_column_of_the_launch_is_taken_and_none_made(desk: Desk) -> None:
    url = desk.platform.column_url("1")
    found = find_or_create_line_item(
        desk.service(), desk.known, endpoint(desk, line_item=url), label="x", maximum=10, resource_id="01_mse"
    )
    assert found.url == url
    assert desk.platform.requests["columns"] == 0


def test_a_column_is_made_once_and_found_again(desk: Desk) -> None:
    service = desk.service()
    for number in range(5):
        desk.platform.add_column(f"other {number}", 1.0, resource_id=f"other-{number}")
    named = {"label": "MSE", "maximum": 10.0, "resource_id": "01_mse", "tag": "grade"}
    made = find_or_create_line_item(service, desk.known, endpoint(desk, LINE_ITEM), **named)
    assert (made.label, made.maximum, made.resource_id, made.tag) == ("MSE", 10.0, "01_mse", "grade")
    assert find_or_create_line_item(service, desk.known, endpoint(desk, LINE_ITEM), **named) == made
    assert find_or_create_line_item(service, desk.known, endpoint(desk, LINE_ITEM_READ), **named) == made
    assert len(desk.platform.columns) == 7


def test_a_platform_that_heeds_no_filter_is_asked_for_all_its_columns(desk: Desk) -> None:
    column = desk.platform.add_column("MSE", 10.0, resource_id="01_mse")
    records = [desk.platform._record(one) for one in desk.platform.columns.values()]
    desk.platform.fail("columns", Fault(200, body=json.dumps(records).encode()))
    found = find_or_create_line_item(
        desk.service(), desk.known, endpoint(desk, LINE_ITEM), label="MSE", maximum=10, resource_id="01_mse"
    )
    assert found.url == desk.platform.column_url(column.id)


def test_a_column_of_another_activity_is_not_taken(desk: Desk) -> None:
    desk.platform.add_column("MSE", 10.0, resource_id="01_mse", link="9")
    found = find_or_create_line_item(
        desk.service(), desk.known, endpoint(desk, LINE_ITEM), label="M", maximum=10, resource_id="01_mse", link_id="1"
    )
    assert found.link_id == "1"


@pytest.mark.parametrize("scopes", [(), (LINE_ITEM_READ,)])
def test_without_the_right_to_make_columns_none_is_made(desk: Desk, scopes: tuple[str, ...]) -> None:
    with pytest.raises(Rejected, match="gave no right"):
        find_or_create_line_item(
            desk.service(), desk.known, endpoint(desk, *scopes), label="x", maximum=1, resource_id="y"
        )


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[1]",
        b'[{"id": 1}]',
        b'[{"id": "https://a/", "scoreMaximum": "10"}]',
        b'[{"id": "x", "scoreMaximum": 1}]',
    ],
)
def test_an_answer_that_is_no_list_of_columns_is_refused(desk: Desk, body: bytes) -> None:
    desk.platform.fail("columns", Fault(200, body=body))
    with pytest.raises(Rejected, match="looking for a column"):
        find_or_create_line_item(
            desk.service(), desk.known, endpoint(desk, LINE_ITEM), label="x", maximum=1, resource_id="y"
        )


# ---- marks


def test_a_mark_arrives_with_its_comment_and_is_read_back(desk: Desk) -> None:
    service, url = desk.service(), desk.platform.column_url("1")
    post_score(service, desk.known, url, scored())
    (taken,) = desk.platform.received
    assert taken["scoreGiven"] == 7.5
    assert taken["scoreMaximum"] == 10.0
    assert (taken["activityProgress"], taken["gradingProgress"]) == ("Completed", "FullyGraded")
    for person in ("bo", "carla"):
        post_score(service, desk.known, url, scored(person, 0.0))
    results = read_results(service, desk.known, url)
    assert results[0] == Result("ana", 75.0, 100.0, "Muy bien")
    assert [(result.subject, result.score) for result in results[1:]] == [("bo", 0.0), ("carla", 0.0)]
    assert read_results(service, desk.known, url, "bo") == results[1:2]
    assert read_results(service, desk.known, url, "teacher") == ()


def test_progress_alone_carries_no_points(desk: Desk) -> None:
    score = Score("ana", datetime.now(UTC), grading=Grading.PENDING_MANUAL)
    post_score(desk.service(), desk.known, desk.platform.column_url("1"), score)
    assert "scoreGiven" not in desk.platform.received[0]
    assert desk.platform.cells["1", "ana"].score is None


def test_the_same_mark_sent_twice_is_taken_once(desk: Desk) -> None:
    service, url, score = desk.service(), desk.platform.column_url("1"), scored()
    desk.platform.fail("scores", Fault(502, applied=True))
    with pytest.raises(TryLater):
        post_score(service, desk.known, url, score)
    with pytest.raises(NewerThere) as there:
        post_score(service, desk.known, url, score)
    assert there.value.cause is Cause.SERVICE_NEWER
    assert len(desk.platform.received) == 1


def test_a_mark_by_hand_that_is_newer_stays(desk: Desk) -> None:
    service, url = desk.service(), desk.platform.column_url("1")
    desk.platform.grade_by_hand("1", "ana", 99.0, "by hand")
    with pytest.raises(NewerThere):
        post_score(service, desk.known, url, scored(timestamp=datetime.now(UTC) - timedelta(seconds=5)))
    assert desk.platform.cells["1", "ana"].score == 99.0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(400), Rejected),
        (Fault(403), Rejected),
        (Fault(404), Rejected),
        (Fault(422), Rejected),
        (Fault(500), TryLater),
        (Fault(503, retry_after=30), TryLater),
        (Fault(429, retry_after=30), TryLater),
        (Fault(0), TryLater),
        (Fault(409), NewerThere),
    ],
)
def test_what_may_succeed_later_is_told_from_what_never_will(desk: Desk, fault: Fault, kind: type[Exception]) -> None:
    desk.platform.fail("scores", fault)
    with pytest.raises(kind) as trouble:
        post_score(desk.service(), desk.known, desk.platform.column_url("1"), scored())
    if fault.retry_after:
        assert trouble.value.retry_after == 30.0


def test_a_mark_of_a_teacher_or_from_the_future_is_refused_by_the_platform(desk: Desk) -> None:
    service, url = desk.service(), desk.platform.column_url("1")
    with pytest.raises(Rejected, match="answered 400"):
        post_score(service, desk.known, url, scored("teacher"))
    with pytest.raises(Rejected, match="answered 400"):
        post_score(service, desk.known, url, scored(timestamp=datetime.now(UTC) + timedelta(minutes=1)))
    with pytest.raises(Rejected, match="answered 404"):
        post_score(service, desk.known, desk.platform.column_url("77"), scored())


@pytest.mark.parametrize(
    "changes",
    [
        {"maximum": None},
        {"maximum": 0.0},
        {"given": -1.0},
        {"given": float("nan")},
        {"timestamp": datetime(2026, 1, 1)},
    ],
)
def test_a_mark_that_makes_no_sense_is_never_sent(desk: Desk, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        post_score(desk.service(), desk.known, desk.platform.column_url("1"), scored(**changes))
    assert desk.platform.requests["scores"] == 0


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'[{"userId": null}]'])
def test_an_answer_that_is_no_list_of_results_is_refused(desk: Desk, body: bytes) -> None:
    desk.platform.fail("results", Fault(200, body=body))
    with pytest.raises(Rejected, match="reading results"):
        read_results(desk.service(), desk.known, desk.platform.column_url("1"))


@pytest.mark.parametrize(
    ("line_item", "scores"),
    [
        ("https://a/lineitems/1/lineitem?type_id=1", "https://a/lineitems/1/lineitem/scores?type_id=1"),
        ("https://a/lineitems/1", "https://a/lineitems/1/scores"),
        ("https://a/lineitems/1/?a=b/c#x", "https://a/lineitems/1/scores?a=b/c"),
    ],
)
def test_scores_go_before_the_query_of_a_column(line_item: str, scores: str) -> None:
    assert beside(line_item, "scores") == scores


def test_a_filter_goes_behind_the_query_that_is_there() -> None:
    assert with_query("https://a/b?type_id=1", {"tag": "a b"}) == "https://a/b?type_id=1&tag=a+b"
    assert with_query("https://a/b", {}) == "https://a/b"


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(moments, st.lists(st.floats(0, 3), max_size=8))
def test_timestamps_rise_by_whole_seconds_and_are_never_ahead(start: datetime, steps: list[float]) -> None:
    now, last = start, None
    for step in steps:
        now += timedelta(seconds=step)
        if last is None or int(now.timestamp()) > int(last.timestamp()):
            last = next_timestamp(last, now)
            assert last == now
            continue
        with pytest.raises(TryLater) as wait:
            next_timestamp(last, now)
        assert wait.value.retry_after is not None
        assert 0 < wait.value.retry_after <= 1
        # After that wait it is time (a microsecond is what floats lose).
        later = now + timedelta(seconds=wait.value.retry_after, microseconds=1)
        assert next_timestamp(last, later) == later


def test_a_clock_that_was_set_back_waits_until_it_has_caught_up() -> None:
    last = datetime(2026, 1, 1, 12, 0, 30, 250_000, tzinfo=UTC)
    with pytest.raises(TryLater) as wait:
        next_timestamp(last, last - timedelta(seconds=20))
    assert wait.value.retry_after == pytest.approx(20.75)


def test_times_are_sent_in_utc_with_their_fractions() -> None:
    moment = datetime(2026, 11, 29, 19, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
    assert iso(moment) == "2026-11-29T18:00:00.250000Z"
    with pytest.raises(ValueError):
        iso(datetime(2026, 1, 1))


# ---- choosing content

ITEM = Item(
    "MSE",
    f"{BASE}/lti/launch",
    "Mean squared error",
    {"assignment": "01_mse"},
    Column(10.0, resource_id="01_mse", tag="grade"),
)


def test_a_choice_makes_an_activity_whose_launch_says_what_was_chosen(desk: Desk) -> None:
    launch = desk.attempt("teacher", deep=True).send()
    choice = respond(
        launch,
        [ITEM, replace(ITEM, title="Plain", column=None)],
        keys=ToolKeys.load(desk.key_file),
        now=datetime.now(UTC),
    )
    assert choice.url == f"{desk.platform.url}/mod/lti/contentitem_return.php"
    made, plain = desk.platform.choose(choice.jwt)
    column = desk.platform.columns[made.column]
    assert (column.label, column.maximum, column.resource_id, column.tag) == ("MSE", 10.0, "01_mse", "grade")
    assert plain.column == ""
    parameters = desk.platform.login_parameters("ana", made.id)
    assert parameters["target_link_uri"] == ITEM.url
    attempt = desk.attempt("ana")
    attempt.claims = desk.platform.claims(attempt.claims["nonce"], "ana", made.id)
    assert attempt.send().custom == {"assignment": "01_mse"}


def test_one_link_where_one_is_accepted_and_none_where_nothing_was_chosen(desk: Desk) -> None:
    attempt = desk.attempt("teacher", deep=True)
    attempt.claims[f"{DL}deep_linking_settings"] |= {"accept_multiple": "false", "accept_lineitem": False, "data": None}
    launch, keys, now = attempt.send(), ToolKeys.load(desk.key_file), datetime.now(UTC)
    with pytest.raises(LaunchRefused) as refusal:
        respond(launch, [ITEM, ITEM], keys=keys, now=now)
    assert refusal.value.cause is Cause.CHOICE_TOO_MANY
    key = jwt.PyJWK(keys.jwks()["keys"][-1]).key

    def said(*items: Item) -> dict[str, Any]:
        token = respond(launch, items, keys=keys, now=now).jwt
        return dict(jwt.decode(token, key, algorithms=["RS256"], audience=desk.platform.url))

    assert said()[f"{DL}content_items"] == []
    assert f"{DL}data" not in said()
    # The platform wants no column with a link, so none goes along.
    assert said(ITEM)[f"{DL}content_items"] == [
        {
            "type": "ltiResourceLink",
            "title": "MSE",
            "url": ITEM.url,
            "text": "Mean squared error",
            "custom": {"assignment": "01_mse"},
        }
    ]


def test_a_launch_of_an_activity_cannot_be_answered_with_a_choice(desk: Desk) -> None:
    with pytest.raises(LaunchRefused) as refusal:
        respond(desk.attempt("ana").send(), [ITEM], keys=ToolKeys.load(desk.key_file), now=datetime.now(UTC))
    assert refusal.value.cause is Cause.CHOICE_MISSING


def test_another_library_makes_the_same_choice(desk: Desk) -> None:
    attempt = desk.attempt("teacher", deep=True)
    launch, keys = attempt.send(), ToolKeys.load(desk.key_file)
    registration = Registration()
    registration.set_issuer(desk.platform.url).set_client_id("tool-1")
    registration.set_tool_private_key(pem(keys.keys[-1].private).decode())
    link = DeepLink(registration, "1", attempt.claims[f"{DL}deep_linking_settings"])
    line_item = OracleLineItem().set_score_maximum(10.0).set_label("MSE").set_tag("grade").set_resource_id("01_mse")
    resource = DeepLinkResource().set_title("MSE").set_url(ITEM.url).set_custom_params({"assignment": "01_mse"})
    theirs = link.get_message_jwt([resource.set_lineitem(line_item)])
    token = respond(launch, [replace(ITEM, text="")], keys=keys, now=datetime.now(UTC)).jwt
    ours = jwt.decode(token, options={"verify_signature": False})
    changing = {"iat", "exp", "nonce", "aud", "azp", f"{DL}content_items"}
    assert {name: ours[name] for name in ours.keys() - changing} == {
        name: theirs[name] for name in theirs.keys() - changing
    }
    assert theirs["aud"] == [ours["aud"]]
    assert _bare(ours[f"{DL}content_items"]) == _bare(theirs[f"{DL}content_items"])


def _bare(items: Any) -> Any:
    """Content items without what stands for its default."""
    return [{name: value for name, value in item.items() if name not in ("window", "presentation")} for item in items]


def test_the_platform_of_these_tests_takes_no_choice_of_another(desk: Desk) -> None:
    launch = desk.attempt("teacher", deep=True).send()
    token = respond(launch, [ITEM], keys=ToolKeys.load(desk.key_file), now=datetime.now(UTC)).jwt
    with LtiPlatform(key=KEY) as other:
        other.add_tool(BASE, jwks=ToolKeys.load(desk.key_file).jwks())
        with pytest.raises(Refusal):
            other.choose(token)


# ---- dynamic registration


def parameters(platform: LtiPlatform) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(platform.registration_url(f"{BASE}/lti/register?secret=x")).query))


def test_a_platform_registers_the_tool_by_one_address(platform: LtiPlatform) -> None:
    given = parameters(platform)
    made = register(given, tool=TOOL, web=Web(allow_http=True))
    client = platform.clients[made.platform.client_id]
    assert made.platform == record(
        platform, client_id=client.client_id, product="moodle", name="127.0.0.1", token_audience=""
    )
    assert made.deployment_id == "1"
    assert client.scopes == set(SCOPES.values()) - {SCOPES["lineitem.readonly"]}
    assert client.login_url == f"{BASE}/lti/login"
    assert client.redirect_urls == (f"{BASE}/lti/launch",)
    said = client.application[TOOL_CONFIGURATION]
    assert said["domain"] == "grade.example.edu"
    assert [message["type"] for message in said["messages"]] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    with pytest.raises(Rejected, match="answered 401"):
        register(given, tool=TOOL, web=Web(allow_http=True))


def test_canvas_is_told_where_to_offer_the_tool() -> None:
    plain, canvas = application(TOOL)[TOOL_CONFIGURATION], application(TOOL, canvas=True)[TOOL_CONFIGURATION]
    assert canvas["https://canvas.instructure.com/lti/privacy_level"] == "public"
    assert canvas["messages"][1]["placements"] == ["assignment_selection", "link_selection"]
    assert not any("placements" in message for message in plain["messages"])
    assert (
        application(Tool("https://a.example:8443/x/", TOOL.title, TOOL.description))[TOOL_CONFIGURATION]["domain"]
        == "a.example:8443"
    )


def configuration(platform: LtiPlatform, **changes: Any) -> Fault:
    found = json.loads(Web(allow_http=True).get(platform.configuration_url).body)
    return Fault(200, body=json.dumps({**found, **changes}).encode())


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"issuer": "https://moodle.example.org"}, Cause.REGISTRATION_ISSUER),
        ({"issuer": "https://canvas.instructure.com"}, Cause.REGISTRATION_ISSUER),
        ({"issuer": 7}, Cause.REGISTRATION_UNFIT),
        ({"jwks_uri": "http://10.0.0.1/keys"}, Cause.REGISTRATION_UNFIT),
        ({"token_endpoint": None}, Cause.REGISTRATION_UNFIT),
        ({"registration_endpoint": "file:///x"}, Cause.REGISTRATION_UNFIT),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, Cause.REGISTRATION_UNFIT),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    platform: LtiPlatform, changes: dict[str, Any], cause: Cause
) -> None:
    platform.fail("configuration", configuration(platform, **changes))
    with pytest.raises(RegistrationRefused) as refusal:
        register(parameters(platform), tool=TOOL, web=Web(allow_http=True))
    assert refusal.value.cause is cause
    assert platform.requests["registration"] == 0


def test_canvas_speaks_for_its_one_issuer_from_the_hosts_of_schools() -> None:
    from autograder.lti.addresses import parsed
    from autograder.lti.registration import _same_house

    def may(issuer: str, address: str) -> bool:
        parts = parsed(address)
        assert parts is not None
        return _same_house(parsed(issuer), parts)

    assert may("https://canvas.instructure.com", "https://school.instructure.com/api/lti/security/openid-configuration")
    assert may("https://canvas.instructure.com", "https://sso.canvaslms.com/x")
    assert not may("https://canvas.instructure.com", "https://evilinstructure.com/x")
    assert not may("https://moodle.example.org", "https://school.instructure.com/x")
    assert may("https://example.org/moodle", "https://example.org/moodle/mod/lti/openid-configuration.php")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"openid_configuration": "http://10.0.0.1/"},
        {"openid_configuration": "https://moodle.example.org/", "registration_token": "a b"},
        {"openid_configuration": "https://moodle.example.org/", "registration_token": "a\r\nx: y"},
    ],
)
def test_a_registration_without_a_fit_address_or_token_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(RegistrationRefused) as refusal:
        register(given, tool=TOOL, web=Web())
    assert refusal.value.cause is Cause.REGISTRATION_PARAMETERS


def test_a_registration_never_looks_into_a_private_network() -> None:
    with pytest.raises(Rejected, match="private network"):
        register({"openid_configuration": "https://192.168.1.1/openid-configuration"}, tool=TOOL, web=Web())


@pytest.mark.parametrize("answer", [[], {}, {"client_id": 7}, {"client_id": ""}, {"client_id": "a\nb"}])
def test_an_answer_without_a_client_id_is_no_registration(platform: LtiPlatform, answer: Any) -> None:
    platform.fail("registration", Fault(200, body=json.dumps(answer).encode()))
    with pytest.raises(RegistrationRefused, match="no client id"):
        register(parameters(platform), tool=TOOL, web=Web(allow_http=True))


@pytest.mark.parametrize("body", [b"[]", b"7"])
def test_a_configuration_that_is_no_object_is_refused(platform: LtiPlatform, body: bytes) -> None:
    platform.fail("configuration", Fault(200, body=body))
    with pytest.raises(RegistrationRefused, match="no object"):
        register(parameters(platform), tool=TOOL, web=Web(allow_http=True))


# ---- the platform of these tests, as a command


def test_the_platform_runs_as_a_command_with_a_page_of_its_own() -> None:
    command = [sys.executable, str(Path(__file__).with_name("lti_platform.py")), "--tool", BASE, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            said = json.loads("".join(iter(running.stdout.readline, "}\n")) + "}")
            page = httpx.get(said["open"]).text
            assert "person=ana&amp;link=1" in page
            assert "Gradebook" in page
            framed = httpx.get(f"{said['open']}/?person=ana&link=1").text
            assert "<iframe" in framed
            launch = httpx.get(f"{said['open']}/launch?person=ana&link=1").text
            assert f"action='{BASE}/lti/login'" in launch
            assert f"value='{said['client_id']}'" in launch
        finally:
            running.terminate()


# ---- the package


def test_importing_the_core_loads_no_heavy_library() -> None:
    heavy = ("jwt", "httpx2", "cryptography", "starlette", "sqlalchemy")
    code = f"import sys, autograder.lti; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_sorted_and_exist() -> None:
    from autograder import lti

    names = lti.__all__
    assert all(hasattr(lti, name) for name in names)
    assert len(set(names)) == len(names)
