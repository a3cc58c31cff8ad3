"""A small learning platform that speaks LTI 1.3 as Moodle does, with real keys over real HTTP on loopback.

It shares no code with `autograder.lti`, so that a mistake there is not repeated here. In a test::

    with LtiPlatform() as platform:
        tool = platform.add_tool("https://tool.example", jwks={"keys": [...]})    # or jwks="http://127.0.0.1:8000/lti/jwks"
        platform.login_parameters(person="ana", link="1")     # what /lti/login gets; a browser gets the same at `platform.url`
        platform.fail("scores", Fault(500), Fault(429, retry_after=7))           # the next two requests there
        platform.cells[("1", "ana")].score                    # the gradebook: (column, person)

or as a command, with a page where one picks a person and launches the tool in a frame or in a new window, and which shows
the gradebook::

    python tests/lti_platform.py --tool http://localhost:8000 --port 8100
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import html
import json
import secrets
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
SCOPES = {name: f"{AGS}scope/{name}" for name in ("lineitem", "lineitem.readonly", "score", "result.readonly")} | {
    "members": f"{NRPS}scope/contextmembership.readonly"
}
COURSE = "2"
DEPLOYMENT = "1"


@dataclass(frozen=True)
class Person:
    """Somebody of the one course."""

    id: str
    name: str
    roles: tuple[str, ...] = (LEARNER,)
    active: bool = True

    @property
    def email(self) -> str:
        return f"{self.id}@example.org"


@dataclass
class Client:
    """One tool, as registered here."""

    client_id: str
    login_url: str
    redirect_urls: tuple[str, ...]
    target: str
    jwks: str | Mapping[str, Any]
    """Where its keys are, or the keys themselves."""
    scopes: frozenset[str]
    application: Mapping[str, Any] = field(default_factory=dict)
    """What it said of itself at dynamic registration."""


@dataclass
class Link:
    """An activity of the course."""

    id: str
    title: str
    url: str
    custom: Mapping[str, str] = field(default_factory=dict)
    column: str = ""
    """The column of its marks; empty where it has none."""


@dataclass
class Column:
    """A column of the gradebook."""

    id: str
    label: str
    maximum: float
    resource_id: str = ""
    link: str = ""
    tag: str = ""


@dataclass
class Cell:
    """What one person has in one column."""

    score: float | None
    comment: str
    modified: int
    """Whole seconds, as Moodle keeps them."""


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of what should."""

    status: int = 500
    """Of the answer; 0 drops the connection in the middle of it."""
    applied: bool = False
    """Whether the request does its work first, and only the answer is lost."""
    retry_after: str | int | None = None
    seconds: float = 0.0
    """To wait before the answer."""
    drip: float = 0.0
    """Seconds between the bytes of a 200 answer that never ends."""
    body: bytes | None = None
    """Another answer, with `status`."""
    location: str = ""
    """Of a redirect."""


def make_key() -> rsa.RSAPrivateKey:
    """An RSA key of 2048 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half of `key`, as platforms publish it."""
    numbers = key.public_key().public_numbers()

    def encoded(number: int) -> str:
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    return {"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": encoded(numbers.n), "e": encoded(numbers.e)}


class Refusal(Exception):
    """This platform refuses a request, with a status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class LtiPlatform(AbstractContextManager["LtiPlatform"]):
    """The platform, from `with` on served by a thread of its own.

    Args:
        host: name in its addresses, `127.0.0.1` or `localhost`; it listens on loopback only.
        port: 0 takes a free one.
        page_size: members and columns per page.
        key: signs; `None` makes one.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, page_size: int = 2, key: rsa.RSAPrivateKey | None = None
    ) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self._key = key or make_key()
        self._page_size = page_size
        self._guard = threading.RLock()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.reset()

    def reset(self) -> None:
        """Begin anew, with the same address and first key, so that tests can share one server."""
        self.page_size = self._page_size
        self.keys = {"platform-1": self._key}
        """By `kid`; the last one signs."""
        self.people = {
            person.id: person
            for person in (
                Person("ana", "Ana Ñandú"),
                Person("bo", "Bo Lee"),
                Person("carla", "Carla Gil", active=False),
                Person("teacher", "Tere Cher", (INSTRUCTOR,)),
                Person("visitor", "Vis Itor", ("http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",)),
            )
        }
        self.clients: dict[str, Client] = {}
        self.links: dict[str, Link] = {}
        self.columns: dict[str, Column] = {}
        self.cells: dict[tuple[str, str], Cell] = {}
        self.received: list[dict[str, Any]] = []
        """Every score that was taken, in order, as sent and with its column."""
        self.requests: defaultdict[str, int] = defaultdict(int)
        """How many requests came, by place: see `fail`."""
        self.next_page = ""
        """Where every page of a list says that the next one is; empty for the truth."""
        self.registration_tokens: set[str] = set()
        self._tokens: dict[str, tuple[str, frozenset[str]]] = {}
        self._launches: dict[str, tuple[str, str, str]] = {}
        self._assertions: set[str] = set()
        self._faults: defaultdict[str, list[Fault]] = defaultdict(list)

    # ---- life

    def __enter__(self) -> LtiPlatform:
        config = uvicorn.Config(
            self._faulty(self._application()), log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    # ---- what a test, or whoever sits at the platform, does

    @property
    def configuration_url(self) -> str:
        """Where its openid-configuration is."""
        return f"{self.url}/mod/lti/openid-configuration.php"

    @property
    def auth_url(self) -> str:
        return f"{self.url}/mod/lti/auth.php"

    @property
    def token_url(self) -> str:
        return f"{self.url}/mod/lti/token.php"

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/mod/lti/certs.php"

    @property
    def members_url(self) -> str:
        return f"{self.url}/mod/lti/services.php/CourseSection/{COURSE}/bindings/1/memberships"

    @property
    def columns_url(self) -> str:
        return f"{self.url}/mod/lti/services.php/{COURSE}/lineitems?type_id=1"

    def column_url(self, column: str) -> str:
        """The address of a column, with a query as Moodle's has one."""
        return f"{self.url}/mod/lti/services.php/{COURSE}/lineitems/{column}/lineitem?type_id=1"

    def add_tool(
        self, base_url: str, jwks: str | Mapping[str, Any] | None = None, client_id: str = "tool-1", link: str = "1"
    ) -> Client:
        """Register by hand the tool at `base_url`, and make an activity of it with the id `link` and a column of 100 points."""
        launch = f"{base_url}/lti/launch"
        client = Client(
            client_id,
            f"{base_url}/lti/login",
            (launch,),
            launch,
            jwks or f"{base_url}/lti/jwks",
            frozenset(SCOPES.values()),
        )
        self.clients[client_id] = client
        self.add_link("Exercise", launch, link=link, maximum=100.0)
        return client

    def add_link(
        self,
        title: str,
        url: str,
        *,
        custom: Mapping[str, str] | None = None,
        link: str = "",
        maximum: float | None = None,
    ) -> Link:
        """Make an activity, and its column where it has a `maximum`."""
        with self._guard:
            link = link or str(len(self.links) + 1)
            made = self.links[link] = Link(link, title, url, dict(custom or {}))
            if maximum is not None:
                made.column = self.add_column(title, maximum, link=link).id
            return made

    def add_column(self, label: str, maximum: float, resource_id: str = "", link: str = "", tag: str = "") -> Column:
        """Make a column."""
        with self._guard:
            column = Column(str(len(self.columns) + 1), label, maximum, resource_id, link, tag)
            self.columns[column.id] = column
            return column

    def grade_by_hand(self, column: str, person: str, score: float, comment: str = "") -> None:
        """What a teacher does in the gradebook."""
        self.cells[column, person] = Cell(score, comment, int(time.time()))

    def registration_url(self, tool_url: str) -> str:
        """Where an administrator's browser is sent who pastes the tool's registration address; its token works once."""
        token = secrets.token_urlsafe(16)
        self.registration_tokens.add(token)
        joint = "&" if urlsplit(tool_url).query else "?"
        return f"{tool_url}{joint}{urlencode({'openid_configuration': self.configuration_url, 'registration_token': token})}"

    def login_parameters(
        self, person: str = "ana", link: str = "1", client_id: str = "tool-1", deep: bool = False
    ) -> dict[str, str]:
        """What the browser brings to the tool's login address; the hint in it works once, as Moodle's does."""
        hint = secrets.token_urlsafe(12)
        with self._guard:
            self._launches[hint] = (person, link, "LtiDeepLinkingRequest" if deep else "LtiResourceLinkRequest")
        client = self.clients[client_id]
        return {
            "iss": self.url,
            "login_hint": person,
            "target_link_uri": client.target if deep else self.links[link].url,
            "lti_message_hint": hint,
            "client_id": client_id,
            "lti_deployment_id": DEPLOYMENT,
        }

    def claims(
        self, nonce: str, person: str = "ana", link: str = "1", client_id: str = "tool-1", deep: bool = False
    ) -> dict[str, Any]:
        """The content of a launch's id_token."""
        who, now, client = self.people[person], int(time.time()), self.clients[client_id]
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": client_id,
            "sub": who.id,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "name": who.name,
            "email": who.email,
            f"{LTI}deployment_id": DEPLOYMENT,
            f"{LTI}message_type": "LtiDeepLinkingRequest" if deep else "LtiResourceLinkRequest",
            f"{LTI}version": "1.3.0",
            f"{LTI}roles": list(who.roles),
            f"{LTI}target_link_uri": client.target if deep else self.links[link].url,
            f"{LTI}context": {"id": COURSE, "label": "DL", "title": "Deep learning", "type": ["CourseSection"]},
            f"{LTI}tool_platform": {"product_family_code": "moodle", "guid": "localhost", "version": "2023100900"},
            f"{LTI}launch_presentation": {
                "locale": "es",
                "document_target": "iframe",
                "return_url": f"{self.url}/mod/lti/return.php",
            },
            f"{NRPS}claim/namesroleservice": {
                "context_memberships_url": self.members_url,
                "service_versions": ["1.0", "2.0"],
            },
        }
        if deep:
            claims[f"{DL}deep_linking_settings"] = {
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["frame", "iframe", "window"],
                "accept_multiple": True,
                "auto_create": False,
                "deep_link_return_url": f"{self.url}/mod/lti/contentitem_return.php",
                "data": "opaque é",
            }
            return claims
        activity = self.links[link]
        claims[f"{LTI}resource_link"] = {"id": activity.id, "title": activity.title, "description": "An activity"}
        claims[f"{LTI}custom"] = dict(activity.custom)
        endpoint = {"scope": sorted(client.scopes & set(SCOPES.values())), "lineitems": self.columns_url}
        if activity.column:
            endpoint["lineitem"] = self.column_url(activity.column)
        claims[f"{AGS}claim/endpoint"] = endpoint
        return claims

    def sign(self, claims: Mapping[str, Any]) -> str:
        """An id_token of `claims`, with the newest key."""
        kid = list(self.keys)[-1]
        return jwt.encode(dict(claims), self.keys[kid], algorithm="RS256", headers={"kid": kid})

    def fail(self, place: str, *faults: Fault) -> None:
        """Let the next requests to `place` fail: `configuration`, `registration`, `token`, `certs`, `members`, `columns`,
        `scores` or `results`."""
        with self._guard:
            self._faults[place].extend(faults)

    def forget_tokens(self) -> None:
        """As a restart of the platform may."""
        self._tokens.clear()

    # ---- what a tool and a browser meet

    def _application(self) -> Starlette:
        base, services = "/mod/lti", "/mod/lti/services.php"
        column = f"{services}/{COURSE}/lineitems/{{column}}/lineitem"
        return Starlette(
            routes=[
                Route("/", self._home, name="home"),
                Route("/launch", self._launch, name="launch"),
                Route(f"{base}/openid-configuration.php", self._configuration, name="configuration"),
                Route(f"{base}/openid-registration.php", self._registration, methods=["POST"], name="registration"),
                Route(f"{base}/auth.php", self._authenticate, methods=["GET", "POST"], name="auth"),
                Route(f"{base}/token.php", self._token, methods=["POST"], name="token"),
                Route(f"{base}/certs.php", self._certs, name="certs"),
                Route(f"{base}/contentitem_return.php", self._chosen, methods=["POST"], name="chosen"),
                Route(f"{base}/return.php", lambda _: HTMLResponse("<p>Back at the platform.</p>"), name="return"),
                Route(f"{services}/CourseSection/{COURSE}/bindings/1/memberships", self._members, name="members"),
                Route(f"{services}/{COURSE}/lineitems", self._list, methods=["GET", "POST"], name="columns"),
                Route(column, self._column, name="columns"),
                Route(f"{column}/scores", self._score, methods=["POST"], name="scores"),
                Route(f"{column}/results", self._results, name="results"),
            ],
            exception_handlers={
                Refusal: lambda _, error: JSONResponse({"error": str(error)}, getattr(error, "status", 500))
            },
        )

    def _faulty(self, application: Starlette) -> Any:
        """`application`, with the faults in front of it."""

        async def nothing(_: object) -> None:
            pass

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            place = self._place(application, scope)
            with self._guard:
                self.requests[place] += 1
                fault = self._faults[place].pop(0) if self._faults[place] else None
            if fault is None:
                return await application(scope, receive, send)
            if fault.applied:
                await application(scope, receive, nothing)
            await asyncio.sleep(fault.seconds)
            await self._fail(fault, send)
            return None

        return serve

    @staticmethod
    async def _fail(fault: Fault, send: Any) -> None:
        body = b'{"error": "on purpose"}' if fault.body is None else fault.body
        headers = [(b"content-type", b"application/json")]
        if fault.retry_after is not None:
            headers.append((b"retry-after", str(fault.retry_after).encode()))
        if fault.location:
            headers.append((b"location", fault.location.encode()))
        endless = fault.drip or not fault.status
        # An answer that is shorter than it said ends its connection.
        headers.append((b"content-length", b"1000" if endless else str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200 if endless else fault.status, "headers": headers})
        if fault.drip:
            for _ in range(900):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(fault.drip)
        await send({"type": "http.response.body", "body": b"" if endless else body, "more_body": False})

    @staticmethod
    def _place(application: Starlette, scope: Any) -> str:
        for route in application.routes:
            if isinstance(route, Route) and route.matches(scope)[0].value:
                return route.name or ""
        return ""

    def _configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "token_endpoint": self.token_url,
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
                "jwks_uri": self.jwks_url,
                "authorization_endpoint": self.auth_url,
                "registration_endpoint": f"{self.url}/mod/lti/openid-registration.php",
                "scopes_supported": list(SCOPES.values()),
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public", "pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
                "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                    "product_family_code": "moodle",
                    "version": "4.3 (Build: 20231009)",
                    "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
                    "variables": ["Person.name.full"],
                },
            }
        )

    async def _registration(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self._guard:
            if token not in self.registration_tokens:
                raise Refusal(401, "token_already_used")
            self.registration_tokens.discard(token)
        said = await request.json()
        # What Moodle insists on.
        needed = ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri")
        if any(not said.get(name) for name in needed) or "id_token" not in said["response_types"]:
            raise Refusal(400, "missing required attribute")
        if said.get("token_endpoint_auth_method") != "private_key_jwt" or said.get("application_type") != "web":
            raise Refusal(400, "invalid_token_endpoint_auth_method")
        configuration = said[TOOL_CONFIGURATION]
        if not configuration.get("domain") or not configuration.get("target_link_uri"):
            raise Refusal(400, "missing required attribute domain")
        client_id = secrets.token_urlsafe(8)
        self.clients[client_id] = Client(
            client_id,
            said["initiate_login_uri"],
            tuple(said["redirect_uris"]),
            configuration["target_link_uri"],
            said["jwks_uri"],
            frozenset(said.get("scope", "").split()) & frozenset(SCOPES.values()),
            said,
        )
        return JSONResponse(
            {**said, "client_id": client_id, TOOL_CONFIGURATION: {**configuration, "deployment_id": DEPLOYMENT}}
        )

    async def _authenticate(self, request: Request) -> Response:
        given = dict(request.query_params) if request.method == "GET" else dict(await request.form())
        client = self.clients.get(str(given.get("client_id")))
        if client is None or given.get("redirect_uri") not in client.redirect_urls:
            raise Refusal(400, "unknown client or redirect_uri")
        wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
        if any(given.get(name) != value for name, value in wanted.items()) or not given.get("nonce"):
            raise Refusal(400, "invalid_request")
        with self._guard:
            person, link, message = self._launches.pop(str(given.get("lti_message_hint")), ("", "", ""))
        answer: dict[str, str] = {"state": str(given.get("state", ""))}
        if not person or person != given.get("login_hint"):
            answer |= {"error": "login_required", "error_description": "This launch was used before."}
        else:
            deep = message == "LtiDeepLinkingRequest"
            answer["id_token"] = self.sign(self.claims(str(given["nonce"]), person, link, client.client_id, deep))
        return HTMLResponse(_form(str(given["redirect_uri"]), answer))

    def _tool_key(self, client: Client, token: str) -> Any:
        keys = httpx.get(client.jwks, timeout=5).json() if isinstance(client.jwks, str) else client.jwks
        kid = jwt.get_unverified_header(token).get("kid")
        found = [key for key in keys["keys"] if key["kid"] == kid]
        if not found:
            raise Refusal(401, "unknown kid")
        return jwt.PyJWK(found[0]).key

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._grant, form)

    def _grant(self, form: Mapping[str, str]) -> Response:
        assertion = form.get("client_assertion", "")
        try:
            said = jwt.decode(assertion, options={"verify_signature": False})
            client = self.clients[said["sub"]]
            needed = ["exp", "iat", "jti", "iss", "sub", "aud"]
            said = jwt.decode(
                assertion,
                self._tool_key(client, assertion),
                algorithms=["RS256"],
                audience=self.token_url,
                issuer=client.client_id,
                options={"require": needed},
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Refusal(401, f"invalid_client: {error}") from error
        with self._guard:
            if form.get("grant_type") != "client_credentials" or said["jti"] in self._assertions:
                raise Refusal(400, "invalid_request")
            self._assertions.add(said["jti"])
            scopes = frozenset(form.get("scope", "").split()) & client.scopes
            if not scopes:
                raise Refusal(400, "invalid_scope")
            token = secrets.token_urlsafe(16)
            self._tokens[token] = (client.client_id, scopes)
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(sorted(scopes))}
        )

    def _certs(self, _: Request) -> Response:
        return JSONResponse({"keys": [public_jwk(key, kid) for kid, key in self.keys.items()]})

    def _allowed(self, request: Request, *scopes: str) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        _, granted = self._tokens.get(token, ("", frozenset()))
        if not granted & {SCOPES[scope] for scope in scopes}:
            raise Refusal(401, "no access")

    def _page(self, request: Request, entries: list[Any], wrap: Any, kind: str) -> Response:
        start = int(request.query_params.get("from", "0"))
        headers = {}
        if start + self.page_size < len(entries):
            following = request.url.include_query_params(**{"from": start + self.page_size})
            headers["link"] = f'<{self.next_page or following}>; rel="next"'
        return JSONResponse(wrap(entries[start : start + self.page_size]), headers=headers, media_type=kind)

    def _members(self, request: Request) -> Response:
        self._allowed(request, "members")
        members = [
            {
                "user_id": person.id,
                "name": person.name,
                "email": person.email,
                "roles": [role.partition("#")[2] for role in person.roles],
                "status": "Active" if person.active else "Inactive",
            }
            for person in self.people.values()
        ]
        context = {"id": COURSE, "label": "DL", "title": "Deep learning"}
        kind = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        return self._page(
            request, members, lambda part: {"id": self.members_url, "context": context, "members": part}, kind
        )

    def _record(self, column: Column) -> dict[str, Any]:
        record = {"id": self.column_url(column.id), "label": column.label, "scoreMaximum": column.maximum}
        named = {"resourceId": column.resource_id, "resourceLinkId": column.link, "tag": column.tag}
        return record | {name: value for name, value in named.items() if value}

    async def _list(self, request: Request) -> Response:
        if request.method == "POST":
            self._allowed(request, "lineitem")
            if request.headers.get("content-type") != "application/vnd.ims.lis.v2.lineitem+json":
                raise Refusal(400, "content type")
            said = await request.json()
            column = self.add_column(
                said["label"],
                float(said["scoreMaximum"]),
                said.get("resourceId", ""),
                said.get("resourceLinkId", ""),
                said.get("tag", ""),
            )
            return JSONResponse(self._record(column), 201, media_type="application/vnd.ims.lis.v2.lineitem+json")
        self._allowed(request, "lineitem", "lineitem.readonly")
        wanted = request.query_params
        found = [
            self._record(column)
            for column in self.columns.values()
            if column.resource_id == wanted.get("resource_id", column.resource_id)
            and column.link == wanted.get("resource_link_id", column.link)
            and column.tag == wanted.get("tag", column.tag)
        ]
        return self._page(request, found, list, "application/vnd.ims.lis.v2.lineitemcontainer+json")

    def _known(self, request: Request) -> Column:
        column = self.columns.get(request.path_params["column"])
        if column is None or request.query_params.get("type_id") != "1":
            raise Refusal(404, "no such column")
        return column

    def _column(self, request: Request) -> Response:
        self._allowed(request, "lineitem", "lineitem.readonly")
        return JSONResponse(self._record(self._known(request)))

    async def _score(self, request: Request) -> Response:
        self._allowed(request, "score")
        if request.headers.get("content-type") != "application/vnd.ims.lis.v1.score+json":
            raise Refusal(400, "content type")
        column, said = self._known(request), await request.json()
        person = self.people.get(said.get("userId"))
        if person is None or LEARNER not in person.roles or not {"activityProgress", "gradingProgress"} <= said.keys():
            raise Refusal(400, "Incorrect score received")
        moment = datetime.fromisoformat(said["timestamp"])
        if moment.tzinfo is None or moment > datetime.now(UTC):
            raise Refusal(400, "timestamp in the future, or without a zone")
        with self._guard:
            old = self.cells.get((column.id, person.id))
            if old is not None and old.modified >= int(moment.timestamp()):
                raise Refusal(409, "Refusing score with an earlier timestamp")
            final = said["gradingProgress"] == "FullyGraded" and "scoreGiven" in said
            score = said["scoreGiven"] * column.maximum / said["scoreMaximum"] if final else None
            self.cells[column.id, person.id] = Cell(score, said.get("comment", ""), int(moment.timestamp()))
            self.received.append({**said, "column": column.id})
        return JSONResponse([], media_type="application/vnd.ims.lis.v1.score+json")

    def _results(self, request: Request) -> Response:
        self._allowed(request, "result.readonly")
        column = self._known(request)
        wanted = request.query_params.get("user_id")
        found = [
            {
                "id": f"{self.column_url(column.id)}&user_id={person}",
                "userId": person,
                "resultScore": cell.score,
                "resultMaximum": column.maximum,
                "comment": cell.comment,
                "scoreOf": self.column_url(column.id),
            }
            for (of, person), cell in self.cells.items()
            if of == column.id and wanted in (None, person)
        ]
        return self._page(request, found, list, "application/vnd.ims.lis.v2.resultcontainer+json")

    async def _chosen(self, request: Request) -> Response:
        token = str((await request.form()).get("JWT", ""))
        made = await run_in_threadpool(self.choose, token)
        titles = "".join(f"<li>{html.escape(link.title)}</li>" for link in made)
        return HTMLResponse(f"<h1>Added to the course</h1><ul>{titles}</ul><p><a href='/' target='_top'>Course</a></p>")

    def choose(self, token: str) -> list[Link]:
        """Make activities of a signed choice of content.

        Raises:
            Refusal: it is not signed by a tool registered here, not for this platform, or not an answer to what was asked.
        """
        try:
            client = self.clients[jwt.decode(token, options={"verify_signature": False})["iss"]]
            said = jwt.decode(token, self._tool_key(client, token), algorithms=["RS256"], audience=self.url)
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Refusal(401, f"choice: {error}") from error
        expected = {
            f"{LTI}message_type": "LtiDeepLinkingResponse",
            f"{LTI}version": "1.3.0",
            f"{LTI}deployment_id": DEPLOYMENT,
            f"{DL}data": "opaque é",
        }
        if any(said.get(name) != value for name, value in expected.items()):
            raise Refusal(400, "choice: not an answer")
        made = []
        for item in said[f"{DL}content_items"]:
            column = item.get("lineItem", {})
            made.append(
                self.add_link(item["title"], item["url"], custom=item.get("custom"), maximum=column.get("scoreMaximum"))
            )
            if column:
                kept = self.columns[made[-1].column]
                kept.label, kept.resource_id, kept.tag = (
                    column["label"],
                    column.get("resourceId", ""),
                    column.get("tag", ""),
                )
        return made

    def _launch(self, request: Request) -> Response:
        asked = request.query_params
        parameters = self.login_parameters(
            asked.get("person", "ana"),
            asked.get("link", "1"),
            asked.get("client", next(iter(self.clients), "")),
            asked.get("deep") == "1",
        )
        return HTMLResponse(_form(self.clients[parameters["client_id"]].login_url, parameters))

    def _home(self, request: Request) -> Response:
        if not self.clients:
            return HTMLResponse("<h1>Small platform</h1><p>No tool is registered yet.</p>")
        if request.query_params.get("person"):
            frame = f"/launch?{html.escape(str(request.query_params))}"
            return HTMLResponse(
                f"<title>Activity</title><p><a href='/'>Course</a></p>"
                f"<iframe id='tool' title='Tool' src='{frame}' style='width:100%;height:85vh'></iframe>"
            )
        return HTMLResponse(self._course())

    def _course(self) -> str:
        def places(query: str) -> str:
            escaped = html.escape(query)
            return f"<a href='/?{escaped}'>frame</a> · <a href='/launch?{escaped}' target='_blank'>new window</a>"

        rows = []
        for person in self.people.values():
            cells = [
                f"<td>{places(urlencode({'person': person.id, 'link': link.id}))}</td>" for link in self.links.values()
            ]
            deep = urlencode({"person": person.id, "deep": "1"})
            choose = places(deep) if INSTRUCTOR in person.roles else ""
            rows.append(f"<tr><th>{html.escape(person.name)}</th>{''.join(cells)}<td>{choose}</td></tr>")
        titles = "".join(f"<th>{html.escape(link.title)}</th>" for link in self.links.values())
        book = "".join(
            f"<tr data-column='{html.escape(column)}' data-person='{html.escape(person)}'>"
            f"<td>{html.escape(self.columns[column].label)}</td><td>{html.escape(person)}</td>"
            f"<td class='score'>{cell.score}</td><td class='comment'>{html.escape(cell.comment)}</td></tr>"
            for (column, person), cell in self.cells.items()
        )
        return (
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>Small platform</title><h1>Small platform</h1>"
            f"<table><tr><th>Person</th>{titles}<th>Choose content</th></tr>{''.join(rows)}</table>"
            f"<h2>Gradebook</h2><table id='gradebook'><tr><th>Column</th><th>Person</th><th>Score</th><th>Comment</th></tr>"
            f"{book}</table></html>"
        )


def _form(url: str, fields: Mapping[str, str]) -> str:
    """A page that sends `fields` to `url` by itself; `form_of` reads it where there is no browser."""
    inputs = "".join(
        f"<input type='hidden' name='{html.escape(name)}' value='{html.escape(value)}'>"
        for name, value in fields.items()
    )
    return (
        f"<!doctype html><meta charset='utf-8'><title>One moment</title><form method='post' action='{html.escape(url)}'>{inputs}"
        "<button>Continue</button></form><script>document.forms[0].submit()</script>"
    )


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A small LTI 1.3 platform on loopback, for trying a tool out.")
    parser.add_argument("--tool", help="base URL of a tool to register by hand")
    parser.add_argument("--register", help="registration URL of a tool; prints where an administrator is sent")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--host", default="localhost", choices=("localhost", "127.0.0.1"))
    options = parser.parse_args()
    with LtiPlatform(options.host, options.port) as platform:
        told = {
            "open": platform.url,
            "issuer": platform.url,
            "auth_login_url": platform.auth_url,
            "auth_token_url": platform.token_url,
            "jwks_url": platform.jwks_url,
        }
        if options.tool:
            told["client_id"] = platform.add_tool(options.tool.rstrip("/")).client_id
        if options.register:
            told["register"] = platform.registration_url(options.register)
        print(json.dumps(told, indent=2), flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
