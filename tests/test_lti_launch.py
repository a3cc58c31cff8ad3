"""Launches: good ones are accepted, and every forged, replayed, expired, mis-addressed or mis-typed one is refused by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2 as httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pylti1p3.cookie import CookieService
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfDict

from autograder.lti import (
    Begun,
    Cause,
    GradesEndpoint,
    LaunchRefused,
    LoginRefused,
    Message,
    ResourceLink,
    Role,
    SetCookie,
    TryLater,
    begin,
    read_role,
)
from autograder.lti.addresses import below
from autograder.lti.causes import WITHOUT_COOKIE, told
from autograder.lti.claims import DL, LTI, Claims
from autograder.lti.jwks import KeySets

from .lti_desk import BASE, TOOL, Attempt, Book, Desk, record
from .lti_platform import INSTRUCTOR, LEARNER, Fault, LtiPlatform, make_key, public_jwk

FOREIGN = make_key()
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.fixture(scope="module")
def platform() -> Iterator[LtiPlatform]:
    with LtiPlatform() as served:
        served.keys = {"small": rsa.generate_private_key(public_exponent=65537, key_size=1024), **served.keys}
        yield served


@pytest.fixture(scope="module")
def desk(platform: LtiPlatform, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(platform, tmp_path_factory.mktemp("keys") / "tool.pem")


# ---- what is refused

Spoil = Callable[[Attempt], None]


def claim(name: str, value: Any) -> Spoil:
    return lambda attempt: attempt.claims.update({name: value})


def without(name: str) -> Spoil:
    def spoil(attempt: Attempt) -> None:
        del attempt.claims[name]

    return spoil


def at(name: str, seconds: float) -> Spoil:
    return lambda attempt: attempt.claims.update({name: int(time.time() + seconds)})


def header(**changes: Any) -> Spoil:
    return lambda attempt: attempt.headers.update(changes)


def part(**changes: Any) -> Spoil:
    def spoil(attempt: Attempt) -> None:
        for name, value in changes.items():
            setattr(attempt, name, value)

    return spoil


def settings_of(**changes: Any) -> Spoil:
    return lambda attempt: attempt.claims[f"{DL}deep_linking_settings"].update(changes)


def encoded(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def raw(payload: bytes) -> Spoil:
    """A payload of any bytes, signed by the platform."""

    def spoil(attempt: Attempt) -> None:
        attempt.token = jwt.PyJWS().encode(payload, attempt.key, "RS256", attempt.headers)

    return spoil


def unsigned(attempt: Attempt) -> None:
    attempt.token = f"{encoded({'alg': 'none', 'kid': 'platform-1'})}.{encoded(attempt.claims)}."


def unsigned_in_capitals(attempt: Attempt) -> None:
    attempt.token = f"{encoded({'alg': 'nOnE', 'kid': 'platform-1'})}.{encoded(attempt.claims)}."


def with_public_key_as_secret(attempt: Attempt) -> None:
    pem = attempt.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{encoded({'alg': 'HS256', 'kid': 'platform-1'})}.{encoded(attempt.claims)}"
    attempt.token = f"{signed}.{encoded(hmac.new(pem, signed.encode(), hashlib.sha256).digest())}"


def with_elliptic_curve(attempt: Attempt) -> None:
    attempt.key, attempt.algorithm = ec.generate_private_key(ec.SECP256R1()), "ES256"


def own_key_in_header(attempt: Attempt) -> None:
    attempt.key = FOREIGN
    attempt.headers |= {"jwk": public_jwk(FOREIGN, "platform-1"), "jku": "http://127.0.0.1:9/keys"}


def changed_after_signing(attempt: Attempt) -> None:
    parts = attempt.form()["id_token"].split(".")
    parts[1] = encoded({**attempt.claims, f"{LTI}roles": [INSTRUCTOR]})
    attempt.token = ".".join(parts)


def signature_cut(attempt: Attempt) -> None:
    attempt.token = attempt.form()["id_token"].rsplit(".", 1)[0] + "."


def sent_twice(attempt: Attempt) -> None:
    attempt.send()


def nonce_sent_twice(attempt: Attempt) -> None:
    """The same token once more, under a state that somebody brought back."""
    login = attempt.desk.logins[str(attempt.state)]
    attempt.send()
    attempt.desk.logins.put(str(attempt.state), login)


def answer_to_another_login(attempt: Attempt) -> None:
    """A token that was caught on its way, put behind a login of the thief's own."""
    other = attempt.desk.attempt()
    attempt.state, attempt.cookie = other.state, other.cookie


def begun_in_another_browser(attempt: Attempt) -> None:
    attempt.cookie = attempt.desk.attempt().cookie


EXTENDED = {"alg": "RS256", "kid": "platform-1", "crit": ["b64"], "b64": True}
REFUSED: list[tuple[str, Cause, Spoil]] = [
    # The form.
    ("no state", Cause.FORM_INCOMPLETE, part(state=None)),
    ("no token", Cause.FORM_INCOMPLETE, part(token="")),
    ("the platform refuses", Cause.PLATFORM_SAYS_NO, part(fields={"error": "login_required\n\x1b[31m"})),
    # Replayed, or in another browser.
    ("a state nobody gave", Cause.STATE_UNKNOWN, part(state="guessed")),
    ("a form sent twice", Cause.STATE_UNKNOWN, sent_twice),
    ("after its time", Cause.STATE_EXPIRED, part(later=timedelta(seconds=601))),
    ("without the cookie", Cause.COOKIE_MISSING, part(cookie=None)),
    ("with an empty cookie", Cause.COOKIE_MISSING, part(cookie="")),
    ("with a cookie of no form", Cause.BROWSER_OTHER, part(cookie="ñ\udcff")),
    ("begun in another browser", Cause.BROWSER_OTHER, begun_in_another_browser),
    ("a token of another login", Cause.NONCE_OTHER, answer_to_another_login),
    ("a token used before", Cause.NONCE_USED, nonce_sent_twice),
    # The token as such.
    ("a huge token", Cause.TOKEN_TOO_LARGE, claim("padding", "x" * 70_000)),
    ("no token at all", Cause.TOKEN_MALFORMED, part(token="no token")),
    ("two parts", Cause.TOKEN_MALFORMED, part(token="e30.e30")),
    ("a token of other letters", Cause.TOKEN_MALFORMED, part(token="ñ.\udcff.=")),
    ("a header that is a list", Cause.TOKEN_MALFORMED, part(token=f"{encoded([])}.e30.e30")),
    ("a deep header", Cause.TOKEN_MALFORMED, part(token=f"{encoded(b'[' * 20_000)}.e30.e30")),
    ("not signed", Cause.ALGORITHM, unsigned),
    ("not signed, in capitals", Cause.ALGORITHM, unsigned_in_capitals),
    ("no algorithm", Cause.ALGORITHM, part(token=f"{encoded({'kid': 'platform-1'})}.e30.e30")),
    ("an algorithm that is a list", Cause.ALGORITHM, part(token=f"{encoded({'alg': ['RS256']})}.e30.e30")),
    ("the public key as a secret", Cause.ALGORITHM, with_public_key_as_secret),
    ("another kind of signature", Cause.ALGORITHM, with_elliptic_curve),
    ("a longer hash than agreed", Cause.ALGORITHM, part(algorithm="RS512")),
    ("a critical extension", Cause.TOKEN_MALFORMED, header(crit=["exp"], exp=1)),
    ("an extension that others know", Cause.TOKEN_MALFORMED, part(token=f"{encoded(EXTENDED)}.e30.e30")),
    ("no key named", Cause.KID_MISSING, part(headers={})),
    ("an empty key name", Cause.KID_MISSING, part(headers={"kid": ""})),
    ("a long key name", Cause.KID_MISSING, part(headers={"kid": "k" * 600})),
    ("a key that nobody has", Cause.KEY_UNKNOWN, part(headers={"kid": "../../etc/passwd"})),
    ("a key that is too small", Cause.KEY_UNFIT, part(headers={"kid": "small"})),
    ("signed by somebody else", Cause.SIGNATURE, part(key=FOREIGN)),
    ("a key brought along", Cause.SIGNATURE, own_key_in_header),
    ("changed after it was signed", Cause.SIGNATURE, changed_after_signing),
    ("signature cut off", Cause.SIGNATURE, signature_cut),
    ("a payload that is no JSON", Cause.PAYLOAD, raw(b"\xff\xfe{}")),
    ("a payload that is a list", Cause.PAYLOAD, raw(b"[]")),
    ("a claim that stands twice", Cause.PAYLOAD, raw(b'{"iss": "a", "iss": "b"}')),
    ("no number", Cause.PAYLOAD, raw(b'{"exp": NaN}')),
    ("a deep payload", Cause.PAYLOAD, raw(b"[" * 30_000)),
    # Who says it, and to whom.
    ("no issuer", Cause.ISSUER_MISSING, without("iss")),
    ("another issuer", Cause.ISSUER_OTHER, claim("iss", "https://moodle.example.org")),
    ("an issuer with a slash more", Cause.ISSUER_OTHER, lambda a: a.claims.update(iss=a.claims["iss"] + "/")),
    ("an issuer that is a list", Cause.CLAIM_TYPE, lambda a: a.claims.update(iss=[a.claims["iss"]])),
    ("no audience", Cause.AUDIENCE_MISSING, without("aud")),
    ("an empty audience", Cause.AUDIENCE_MISSING, claim("aud", [])),
    ("an audience that is a number", Cause.CLAIM_TYPE, claim("aud", 1)),
    ("an audience of objects", Cause.CLAIM_TYPE, claim("aud", [{"tool-1": 1}])),
    ("for another tool", Cause.AUDIENCE_OTHER, claim("aud", "tool-2")),
    ("for other tools", Cause.AUDIENCE_OTHER, claim("aud", ["tool-2", "tool-3"])),
    ("for a tool with a longer name", Cause.AUDIENCE_OTHER, claim("aud", "tool-11")),
    ("for others too, made for nobody", Cause.AZP_MISSING, claim("aud", ["other", "tool-1"])),
    ("for others too, made for one of them", Cause.AZP_OTHER, lambda a: a.claims.update(aud=["x", "tool-1"], azp="x")),
    ("made for another tool", Cause.AZP_OTHER, claim("azp", "tool-2")),
    ("made for several", Cause.CLAIM_TYPE, claim("azp", ["tool-1"])),
    # When.
    ("no end", Cause.EXP_MISSING, without("exp")),
    ("expired", Cause.EXP_PAST, at("exp", -1)),
    ("expired long ago", Cause.EXP_PAST, at("exp", -86400)),
    ("an end that is a word", Cause.CLAIM_TYPE, claim("exp", "9999999999")),
    ("an end that is true", Cause.CLAIM_TYPE, claim("exp", True)),
    ("an end beyond all numbers", Cause.CLAIM_TYPE, claim("exp", 10**400)),
    ("an end too long to read", Cause.PAYLOAD, raw(b'{"exp": 1' + b"0" * 5000 + b"}")),
    ("no beginning", Cause.IAT_MISSING, without("iat")),
    ("made in the future", Cause.IAT_FUTURE, at("iat", 120)),
    ("made hours ago", Cause.IAT_OLD, at("iat", -7200)),
    ("not valid yet", Cause.NBF_FUTURE, at("nbf", 600)),
    # Which login it answers.
    ("no nonce", Cause.NONCE_MISSING, without("nonce")),
    ("an empty nonce", Cause.NONCE_MISSING, claim("nonce", "")),
    ("another nonce", Cause.NONCE_OTHER, claim("nonce", "mine")),
    ("a nonce that is a number", Cause.CLAIM_TYPE, claim("nonce", 7)),
    # What it says.
    ("no deployment", Cause.DEPLOYMENT_MISSING, without(f"{LTI}deployment_id")),
    ("an unknown deployment", Cause.DEPLOYMENT_UNKNOWN, claim(f"{LTI}deployment_id", "666")),
    ("a deployment that is a number", Cause.CLAIM_TYPE, claim(f"{LTI}deployment_id", 1)),
    ("no message type", Cause.MESSAGE_MISSING, without(f"{LTI}message_type")),
    ("another message", Cause.MESSAGE_UNKNOWN, claim(f"{LTI}message_type", "LtiSubmissionReviewRequest")),
    ("no version", Cause.VERSION_MISSING, without(f"{LTI}version")),
    ("another version", Cause.VERSION_OTHER, claim(f"{LTI}version", "1.1")),
    ("nobody", Cause.SUBJECT_MISSING, without("sub")),
    ("somebody empty", Cause.SUBJECT_MISSING, claim("sub", "")),
    ("somebody with a long name", Cause.SUBJECT_UNFIT, claim("sub", "a" * 300)),
    ("somebody with a line break", Cause.SUBJECT_UNFIT, claim("sub", "ana\nINFO all is well")),
    ("somebody who is a number", Cause.CLAIM_TYPE, claim("sub", 5)),
    ("no roles", Cause.ROLES_MISSING, without(f"{LTI}roles")),
    ("roles in a string", Cause.CLAIM_TYPE, claim(f"{LTI}roles", INSTRUCTOR)),
    ("roles that are numbers", Cause.CLAIM_TYPE, claim(f"{LTI}roles", [1])),
    ("no activity", Cause.LINK_MISSING, without(f"{LTI}resource_link")),
    ("an activity without an id", Cause.LINK_MISSING, claim(f"{LTI}resource_link", {"title": "x"})),
    ("an activity that is a string", Cause.CLAIM_TYPE, claim(f"{LTI}resource_link", "1")),
    ("a course that is a string", Cause.CLAIM_TYPE, claim(f"{LTI}context", "2")),
    ("a name that is an object", Cause.CLAIM_TYPE, claim("name", {})),
    ("custom parameters in a list", Cause.CLAIM_TYPE, claim(f"{LTI}custom", ["a=1"])),
    ("custom parameters in depth", Cause.CLAIM_TYPE, claim(f"{LTI}custom", {"a": {"b": 1}})),
    ("no target", Cause.TARGET_MISSING, without(f"{LTI}target_link_uri")),
    ("a target elsewhere", Cause.TARGET_ELSEWHERE, claim(f"{LTI}target_link_uri", "https://evil.example/lti/launch")),
    ("a target that only begins like us", Cause.TARGET_ELSEWHERE, claim(f"{LTI}target_link_uri", f"{BASE}.evil.org/")),
    ("a target behind a name", Cause.TARGET_ELSEWHERE, claim(f"{LTI}target_link_uri", f"{BASE}@evil.example/")),
    ("a target without a lock", Cause.TARGET_ELSEWHERE, claim(f"{LTI}target_link_uri", "http://grade.example.edu/")),
    ("grades that are a list", Cause.CLAIM_TYPE, claim(AGS, [])),
    ("grades at a file", Cause.ADDRESS_UNFIT, claim(AGS, {"scope": [], "lineitems": "file:///etc/passwd"})),
    ("a column without a lock", Cause.ADDRESS_UNFIT, claim(AGS, {"lineitem": "http://moodle.example.org/1"})),
    ("scopes in a string", Cause.CLAIM_TYPE, claim(AGS, {"scope": "all"})),
    ("a roster without a lock", Cause.ADDRESS_UNFIT, claim(NRPS, {"context_memberships_url": "http://10.0.0.1/"})),
]
"""What, why, and how it is made; in a launch of a student that is good but for this."""

REFUSED_CHOICES: list[tuple[str, Cause, Spoil]] = [
    ("no settings", Cause.CHOICE_MISSING, without(f"{DL}deep_linking_settings")),
    ("settings in a string", Cause.CLAIM_TYPE, claim(f"{DL}deep_linking_settings", "{}")),
    ("only files", Cause.CHOICE_UNSUPPORTED, settings_of(accept_types=["file"])),
    ("no way back", Cause.CHOICE_MISSING, settings_of(deep_link_return_url=None)),
    ("a script as the way back", Cause.ADDRESS_UNFIT, settings_of(deep_link_return_url="javascript:alert(1)")),
    ("data that are an object", Cause.CLAIM_TYPE, settings_of(data={})),
    ("several in words", Cause.CLAIM_TYPE, settings_of(accept_multiple="many")),
]


def check_refusal(error: LaunchRefused | LoginRefused, cause: Cause) -> None:
    assert error.cause == cause
    sentence = str(error)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 700
    for language in ("es", "en"):
        assert len(error.text.to(language)) > 40
    assert (error.again is not None) == (cause in WITHOUT_COOKIE)


@pytest.mark.parametrize(("cause", "spoil"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_a_launch_is_refused_with_its_cause(desk: Desk, cause: Cause, spoil: Spoil) -> None:
    desk.book[:] = [record(desk.platform, deployment_ids=frozenset({"1"}))]
    attempt = desk.attempt()
    spoil(attempt)
    with pytest.raises(LaunchRefused) as refusal:
        attempt.send()
    check_refusal(refusal.value, cause)
    assert attempt.state not in desk.logins or cause is Cause.FORM_INCOMPLETE


@pytest.mark.parametrize(("cause", "spoil"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED_CHOICES])
def test_a_choice_that_cannot_be_answered_is_refused_with_its_cause(desk: Desk, cause: Cause, spoil: Spoil) -> None:
    attempt = desk.attempt("teacher", deep=True)
    spoil(attempt)
    with pytest.raises(LaunchRefused) as refusal:
        attempt.send()
    check_refusal(refusal.value, cause)


def test_the_tables_name_every_cause_that_a_launch_can_have() -> None:
    first, last = list(Cause).index(Cause.PLATFORM_SAYS_NO), list(Cause).index(Cause.CHOICE_UNSUPPORTED)
    causes = {cause for _, cause, _ in REFUSED + REFUSED_CHOICES}
    assert set(list(Cause)[first : last + 1]) - causes == set()
    assert len(REFUSED) + len(REFUSED_CHOICES) >= 45


def test_a_launch_after_its_platform_was_removed_is_refused(desk: Desk) -> None:
    attempt = desk.attempt()
    removed = desk.book.pop()
    try:
        with pytest.raises(LaunchRefused, match="not registered any more") as refusal:
            attempt.send()
    finally:
        desk.book.append(removed)
    check_refusal(refusal.value, Cause.PLATFORM_UNKNOWN)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_a_claim_of_any_type_is_accepted_or_refused_but_never_crashes(
    desk: Desk, value: Any, data: st.DataObject
) -> None:
    attempt = desk.attempt(*data.draw(st.sampled_from([("ana", False), ("teacher", True)])))
    place = data.draw(st.sampled_from(sorted(attempt.claims)))
    inner = attempt.claims[place]
    if isinstance(inner, dict) and inner and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from(sorted(inner)))] = value
    else:
        attempt.claims[place] = value
    with suppress(LaunchRefused):
        attempt.send()


# ---- what is accepted


def test_a_student_is_launched_over_real_http(desk: Desk) -> None:
    attempt = desk.attempt("ana")
    form = dict(re.findall(r"name='(\w+)' value='([^']*)'", httpx.get(attempt.url).text))
    launch = desk.accept(form, attempt.cookie)
    assert (launch.subject, launch.name, launch.email) == ("ana", "Ana Ñandú", "ana@example.org")
    assert (launch.role, launch.message, launch.locale) == (Role.STUDENT, Message.RESOURCE_LINK, "es")
    assert launch.platform == desk.known
    assert launch.deployment_id == "1"
    assert launch.link == ResourceLink("1", "Exercise", "An activity")
    assert (launch.context.id, launch.context.title, launch.context.label) == ("2", "Deep learning", "DL")
    assert launch.target == f"{BASE}/lti/launch"
    assert launch.grades == GradesEndpoint(
        frozenset(desk.platform.clients["tool-1"].scopes), desk.platform.columns_url, desk.platform.column_url("1")
    )
    assert launch.roster is not None
    assert launch.roster.url == desk.platform.members_url
    assert launch.deep_linking is None
    assert launch.return_url.startswith(desk.platform.url)
    assert launch.document_target == "iframe"
    again = dict(re.findall(r"name='(\w+)' value='([^']*)'", httpx.get(attempt.url).text))
    assert again["error"] == "login_required"


def test_a_teacher_may_choose_content(desk: Desk) -> None:
    launch = desk.attempt("teacher", deep=True).send()
    assert (launch.role, launch.message, launch.link) == (Role.TEACHER, Message.DEEP_LINKING, None)
    assert launch.deep_linking is not None
    assert launch.deep_linking.accept_multiple
    assert launch.deep_linking.accept_line_item
    assert launch.deep_linking.data == "opaque é"


def test_a_launch_that_says_little_is_accepted(desk: Desk) -> None:
    attempt = desk.attempt()
    for name in list(attempt.claims):
        if name in ("name", "email", AGS, NRPS, f"{LTI}context", f"{LTI}custom", f"{LTI}launch_presentation"):
            del attempt.claims[name]
    launch = attempt.send()
    assert (launch.name, launch.email, launch.locale, launch.return_url) == ("", "", "", "")
    assert (launch.grades, launch.roster, launch.custom) == (None, None, {})


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(claim("aud", ["tool-1"]), id="an audience of us alone"),
        pytest.param(claim("azp", "tool-1"), id="made for us"),
        pytest.param(
            lambda a: a.claims.update(aud=["partner", "tool-1"], azp="tool-1"), id="for others too, made for us"
        ),
        pytest.param(at("iat", 50), id="a clock that is ahead a little"),
        pytest.param(at("iat", -3000), id="made a while ago"),
        pytest.param(claim(f"{LTI}deployment_id", "77"), id="a new deployment"),
        pytest.param(header(typ=None), id="no type"),
    ],
)
def test_a_launch_within_the_rules_is_accepted(desk: Desk, spoil: Spoil) -> None:
    desk.book[:] = [record(desk.platform)]
    attempt = desk.attempt()
    spoil(attempt)
    assert attempt.send().subject == "ana"


def test_custom_parameters_become_strings(desk: Desk) -> None:
    attempt = desk.attempt()
    attempt.claims[f"{LTI}custom"] = {"assignment": "01_mse", "user": 12, "flag": True, "none": None}
    assert attempt.send().custom == {"assignment": "01_mse", "user": "12", "flag": "true", "none": ""}


def test_a_page_is_never_given_a_return_address_that_runs(desk: Desk) -> None:
    attempt = desk.attempt()
    attempt.claims[f"{LTI}launch_presentation"] = {"return_url": "javascript:alert(1)"}
    assert attempt.send().return_url == ""


def test_of_many_at_once_one_launch_is_accepted(desk: Desk) -> None:
    attempt = desk.attempt()
    form, cookie = attempt.form(), attempt.cookie

    def send(_: int) -> str:
        try:
            return desk.accept(form, cookie).subject
        except LaunchRefused as refusal:
            return refusal.cause

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, range(8)))
    assert sorted(outcomes) == ["ana"] + [Cause.STATE_UNKNOWN] * 7


def test_two_windows_of_one_browser_may_launch_at_once(desk: Desk) -> None:
    first = desk.attempt("ana")
    begun = desk.begin(desk.platform.login_parameters("ana"), first.cookie)
    assert isinstance(begun, Begun)
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    second = replace(first, state=asked["state"], claims=desk.platform.claims(asked["nonce"]))
    assert first.send().subject == second.send().subject == "ana"


# ---- roles

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([LEARNER], Role.STUDENT),
        ([INSTRUCTOR], Role.TEACHER),
        ([LEARNER, INSTRUCTOR], Role.TEACHER),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], Role.TEACHER),
        (["Learner"], Role.STUDENT),
        ([], Role.NONE),
        (["instructor"], Role.NONE),
        ([f"{MEMBERSHIP}#Mentor"], Role.NONE),
        ([f"{MEMBERSHIP}#Instructors"], Role.NONE),
        (["http://evil.example/membership#Instructor"], Role.NONE),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], Role.NONE),
        (["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator", LEARNER], Role.STUDENT),
    ],
)
def test_only_known_roles_in_the_course_count(roles: list[str], role: Role) -> None:
    assert read_role(roles) is role


# ---- logins


def test_the_first_login_of_a_browser_finds_out_whether_it_keeps_cookies(desk: Desk) -> None:
    parameters = desk.platform.login_parameters()
    first = desk.begin(parameters)
    assert isinstance(first, SetCookie)
    carried = dict(parse_qsl(first.query))
    assert parameters.items() <= carried.items()
    begun = desk.begin(carried, first.value)
    assert isinstance(begun, Begun)
    with pytest.raises(LoginRefused) as refusal:
        desk.begin(carried)
    check_refusal(refusal.value, Cause.COOKIES_BLOCKED)
    # In a window of its own everything begins anew, and the platform's hint was not used up by the frame.
    again = dict(parse_qsl(str(refusal.value.again)))
    assert again == parameters
    opened = desk.begin(again)
    assert isinstance(opened, SetCookie)
    assert opened.value != first.value


def test_a_launch_without_its_cookie_offers_the_same_login_again(desk: Desk) -> None:
    attempt = desk.attempt()
    attempt.cookie = None
    with pytest.raises(LaunchRefused) as refusal:
        attempt.send()
    assert isinstance(desk.begin(dict(parse_qsl(str(refusal.value.again)))), SetCookie)


def test_what_is_kept_of_a_login_does_not_tell_the_cookie(desk: Desk) -> None:
    attempt = desk.attempt()
    kept = desk.logins[str(attempt.state)]
    assert str(attempt.cookie) not in repr(kept) + kept.browser_sha256
    assert kept.nonce not in repr(kept)


def test_the_browser_is_sent_to_the_platform_with_what_it_asks_for(desk: Desk) -> None:
    odd = replace(desk.known, auth_login_url="https://lms.example/auth?school=7#top")
    parameters = {**desk.platform.login_parameters(), "lti_message_hint": ""}
    begun = begin(
        parameters,
        cookie="c" * 43,
        tool=TOOL,
        platforms=Book([odd]),
        logins=desk.logins,
        now=datetime.now(UTC),
    )
    assert isinstance(begun, Begun)
    parts = urlsplit(begun.url)
    asked = dict(parse_qsl(parts.query))
    assert (parts.netloc, parts.path, parts.fragment) == ("lms.example", "/auth", "")
    assert asked.pop("state") != asked.pop("nonce")
    assert asked == {
        "school": "7",
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "tool-1",
        "redirect_uri": f"{BASE}/lti/launch",
        "login_hint": "ana",
    }


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"iss": ""}, Cause.LOGIN_PARAMETERS),
        ({"login_hint": ""}, Cause.LOGIN_PARAMETERS),
        ({"target_link_uri": ""}, Cause.LOGIN_PARAMETERS),
        ({"lti_message_hint": "x" * 5000}, Cause.LOGIN_PARAMETERS),
        ({"iss": "https://evil.example\r\nx"}, Cause.PLATFORM_UNKNOWN),
        ({"client_id": "tool-2"}, Cause.PLATFORM_UNKNOWN),
        ({"target_link_uri": "https://evil.example/"}, Cause.TARGET_ELSEWHERE),
        ({"target_link_uri": "//evil.example/"}, Cause.TARGET_ELSEWHERE),
    ],
)
def test_a_login_is_refused_with_its_cause(desk: Desk, changes: dict[str, str], cause: Cause) -> None:
    with pytest.raises(LoginRefused) as refusal:
        desk.begin({**desk.platform.login_parameters(), **changes}, "c" * 43)
    check_refusal(refusal.value, cause)


def test_a_login_that_two_registrations_fit_is_refused_unless_it_names_one(desk: Desk) -> None:
    parameters = desk.platform.login_parameters()
    nameless = {name: value for name, value in parameters.items() if name != "client_id"}
    assert isinstance(desk.begin(nameless, "c" * 43), Begun)
    desk.book.append(record(desk.platform, client_id="tool-2"))
    try:
        assert isinstance(desk.begin(parameters, "c" * 43), Begun)
        with pytest.raises(LoginRefused) as refusal:
            desk.begin(nameless, "c" * 43)
    finally:
        desk.book.pop()
    check_refusal(refusal.value, Cause.PLATFORM_AMBIGUOUS)


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        (f"{BASE}", True),
        (f"{BASE}/", True),
        (f"{BASE}:443/a?b=c", True),
        ("https://GRADE.example.edu/a", True),
        (f"{BASE}:8443/a", False),
        (f"{BASE}/a/../../b", False),
        (f"{BASE}/%2e%2e/b", False),
        (f"{BASE}\\@evil.example/", False),
        (f"{BASE}/ \n", False),
        ("https://grade.example.edu:x/", False),
        ("javascript:alert(1)", False),
        ("/lti/launch", False),
        (f"{BASE}/{'a' * 5000}", False),
    ],
)
def test_only_what_is_below_our_address_is_ours(url: str, inside: bool) -> None:
    assert below(url, BASE) is inside


def test_a_tool_below_a_path_owns_that_path_alone() -> None:
    base = "https://example.edu/grade"
    assert [below(f"https://example.edu/{path}", base) for path in ("grade", "grade/x", "grades", "")] == [
        True,
        True,
        False,
        False,
    ]


# ---- the platform's keys


def test_a_new_key_of_the_platform_is_fetched_once_and_then_known(platform: LtiPlatform, desk: Desk) -> None:
    now = [0.0]
    key_sets = KeySets(desk.web, clock=lambda: now[0])
    before = platform.requests["certs"]
    key_sets.key(platform.jwks_url, "platform-1")
    key_sets.key(platform.jwks_url, "platform-1")
    assert platform.requests["certs"] == before + 1
    # An unknown name asks again, but not before a minute has gone by.
    for _ in range(5):
        with pytest.raises(LaunchRefused):
            key_sets.key(platform.jwks_url, "rotated")
    assert platform.requests["certs"] == before + 1
    platform.keys["rotated"] = make_key()
    now[0] = 61
    assert key_sets.key(platform.jwks_url, "rotated").key_size == 2048
    assert platform.requests["certs"] == before + 2
    del platform.keys["rotated"]
    # A key that the platform withdrew is believed for an hour at most.
    now[0] = 61 + 3601
    with pytest.raises(LaunchRefused):
        key_sets.key(platform.jwks_url, "rotated")


def test_launches_that_come_at_once_fetch_the_keys_once(platform: LtiPlatform, desk: Desk) -> None:
    key_sets = KeySets(desk.web)
    before = platform.requests["certs"]
    platform.fail("certs", Fault(200, seconds=0.2, body=json.dumps({"keys": [public_jwk(FOREIGN, "one")]}).encode()))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: key_sets.key(platform.jwks_url, "one"), range(6)))
    assert platform.requests["certs"] == before + 1


def test_known_keys_outlast_a_platform_that_does_not_answer(platform: LtiPlatform, desk: Desk) -> None:
    now = [0.0]
    key_sets = KeySets(desk.web, clock=lambda: now[0])
    key_sets.key(platform.jwks_url, "platform-1")
    now[0] = 4000
    platform.fail("certs", Fault(503), Fault(503))
    assert key_sets.key(platform.jwks_url, "platform-1")
    now[0] = 4000 + 86400
    with pytest.raises(TryLater, match="keys could not be fetched"):
        key_sets.key(platform.jwks_url, "platform-1")
    with pytest.raises(TryLater, match="a moment ago"):
        key_sets.key(platform.jwks_url, "platform-1")
    now[0] += 6
    assert key_sets.key(platform.jwks_url, "platform-1")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kty": "EC"}, "not for RS256"),
        ({"use": "enc"}, "not for RS256"),
        ({"alg": "RS512"}, "not for RS256"),
        ({"n": "A" * 4000}, "more than 8192"),
        ({"n": "!"}, "damaged"),
        ({"n": None}, "damaged"),
        ({"e": 3}, "damaged"),
    ],
)
def test_a_key_of_the_platform_that_is_unfit_is_not_used(
    platform: LtiPlatform, desk: Desk, changes: dict[str, Any], why: str
) -> None:
    key = {**public_jwk(FOREIGN, "odd"), **changes}
    platform.fail("certs", Fault(200, body=json.dumps({"keys": ["no key", {}, key]}).encode()))
    with pytest.raises(LaunchRefused, match=why) as refusal:
        KeySets(desk.web).key(platform.jwks_url, "odd")
    assert refusal.value.cause is Cause.KEY_UNFIT


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"keys": 1}'])
def test_an_answer_that_is_no_key_set_is_a_fault_of_the_platform(
    platform: LtiPlatform, desk: Desk, body: bytes
) -> None:
    platform.fail("certs", Fault(200, body=body))
    with pytest.raises(TryLater):
        KeySets(desk.web).key(platform.jwks_url, "platform-1")


# ---- words


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_page_in_both_languages(cause: Cause) -> None:
    text = told(cause)
    assert text.es != text.en
    assert all(sentence.endswith(".") for sentence in (text.es, text.en))


def test_claims_that_are_only_shown_are_cut() -> None:
    claims = Claims({"name": "n" * 5000, "flag": "true", "long": "x" * 5000})
    assert len(claims.shown("name")) == 1000
    assert claims.flag("flag")
    with pytest.raises(LaunchRefused):
        claims.string("long")


# ---- another library's opinion


class _Request(Request):
    def __init__(self, form: dict[str, str]) -> None:
        self._form, self._session = form, dict[str, Any]()

    @property
    def session(self) -> dict[str, Any]:
        return self._session

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._form.get(key, "")


class _Cookies(CookieService):
    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    def get_cookie(self, name: str) -> str | None:
        return self._form["state"] if name == self._form["state"] else None

    def set_cookie(self, name: str, value: Any, exp: int | None = 3600) -> None:
        raise AssertionError("nothing is set in a launch")


class _Oracle(MessageLaunch):  # type: ignore[type-arg]
    def _get_request_param(self, key: str) -> str:
        return str(self._request.get_param(key))


@pytest.mark.parametrize(("person", "deep"), [("ana", False), ("teacher", True)])
def test_another_library_accepts_what_the_platform_of_these_tests_sends(desk: Desk, person: str, deep: bool) -> None:
    attempt = desk.attempt(person, deep)
    form = attempt.form()
    configuration = {
        "client_id": "tool-1",
        "auth_login_url": desk.platform.auth_url,
        "auth_token_url": desk.platform.token_url,
        "key_set_url": desk.platform.jwks_url,
        "deployment_ids": ["1"],
    }
    request = _Request(form)
    session = SessionService(request)
    session.save_nonce(attempt.claims["nonce"])
    oracle = _Oracle(request, ToolConfDict({desk.platform.url: configuration}), session, _Cookies(form))
    launch = attempt.send()
    assert oracle.get_launch_data()["sub"] == launch.subject
    assert oracle.is_deep_link_launch() is deep
    assert oracle.check_teacher_access() is (launch.role is Role.TEACHER)
