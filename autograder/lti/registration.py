"""Dynamic registration: a platform hands in the address of its configuration, we read it and introduce ourselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

from autograder.lti import grades, roster
from autograder.lti.addresses import fit, parsed
from autograder.lti.causes import Cause
from autograder.lti.errors import RegistrationRefused, quoted
from autograder.lti.http import Web
from autograder.lti.message import Message
from autograder.lti.platforms import Platform, Tool

_PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
_TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_CANVAS = "https://canvas.instructure.com/lti/"
SCOPES = (roster.SCOPE, grades.LINE_ITEM, grades.RESULT, grades.SCORE)
"""What the tool asks for, never more."""
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email", "locale")
"""What the tool wants to know of a person: whom a teacher reads about."""
_ALGORITHM = "RS256"
_ALIASES = ("instructure.com", "canvaslms.com")
"""Canvas in the cloud has one issuer, `https://canvas.instructure.com`, for the schools' many hosts."""
_MAX_TEXT = 4096


@dataclass(frozen=True)
class Registered:
    """A registration that the platform confirmed."""

    platform: Platform
    deployment_id: str
    """The first deployment, where the platform told it (Moodle does); else empty."""


def register(parameters: Mapping[str, str], *, tool: Tool, web: Web) -> Registered:
    """Register `tool` with the platform that sent a browser to us with these `parameters`.

    The address comes from whoever opened the page, so the caller lets in nobody but its own administrator, and an address in
    a private network is refused unless `web` allows that. The registration token is of use once, also where this fails.

    Args:
        parameters: of the query: `openid_configuration`, and `registration_token` where the platform wants one.

    Raises:
        RegistrationRefused: there is no fit configuration at that address, or the platform's answer is none.
        TryLater: the platform could not be reached.
        Rejected: the platform refuses, or its address may not be used.
    """
    address = parameters.get("openid_configuration", "")
    token = parameters.get("registration_token", "")
    parts = parsed(address)
    if parts is None or not fit(address, allow_http=web.allow_http):
        raise RegistrationRefused(
            Cause.REGISTRATION_PARAMETERS,
            f"The address of the configuration is {quoted(address)}, which is no https address.",
        )
    if len(token) > _MAX_TEXT or not token.isascii() or not token.isprintable() or " " in token:
        raise RegistrationRefused(Cause.REGISTRATION_PARAMETERS, "The registration token is not one.")
    what = "reading a platform's configuration"
    found = web.get(address, public=True).expected(what).json(what)
    configuration = _Configuration.read(found, parts, allow_http=web.allow_http)
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    what = "registering with a platform"
    content = json.dumps(application(tool, canvas=configuration.product == "canvas")).encode()
    reply = web.post(configuration.registration, content, headers=headers, public=True).expected(what)
    return _confirmed(reply.json(what), configuration)


def application(tool: Tool, *, canvas: bool = False) -> dict[str, Any]:
    """What the tool says of itself; `canvas` adds where Canvas shall offer it, which other platforms need not read."""
    host = parsed(tool.base_url)
    kinds: list[dict[str, Any]] = [
        {"type": Message.RESOURCE_LINK.value, "target_link_uri": tool.launch_url, "label": tool.title.en},
        {"type": Message.DEEP_LINKING.value, "target_link_uri": tool.launch_url, "label": tool.title.en},
    ]
    for kind in kinds:
        kind["label#es"] = tool.title.es
    configuration: dict[str, Any] = {
        "domain": host.netloc if host else "",
        "description": tool.description.en,
        "description#es": tool.description.es,
        "target_link_uri": tool.launch_url,
        "claims": list(CLAIMS),
        "messages": kinds,
    }
    if canvas:
        kinds[0]["placements"] = ["link_selection"]
        kinds[1]["placements"] = ["assignment_selection", "link_selection"]
        # Canvas names persons to a tool only where that is asked for by this.
        configuration[f"{_CANVAS}privacy_level"] = "public"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "client_name": tool.title.en,
        "client_name#es": tool.title.es,
        "jwks_uri": tool.jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": _ALGORITHM,
        "scope": " ".join(SCOPES),
        _TOOL: configuration,
    }


@dataclass(frozen=True)
class _Configuration:
    """What the platform says of itself."""

    issuer: str
    login: str
    token: str
    jwks: str
    registration: str
    audience: str
    product: str
    name: str

    @classmethod
    def read(cls, found: Any, address: SplitResult, *, allow_http: bool) -> _Configuration:
        """Raises `RegistrationRefused`."""
        if not isinstance(found, dict):
            raise _unfit("it is no object")

        def url(name: str) -> str:
            value = found.get(name)
            if not isinstance(value, str) or not fit(value, allow_http=allow_http):
                raise _unfit(f"its {name} is {quoted(value)}, which is no https address")
            return value

        issuer = url("issuer")
        if not _same_house(parsed(issuer), address):
            raise RegistrationRefused(
                Cause.REGISTRATION_ISSUER,
                f"The configuration at {quoted(address.geturl())} speaks for {quoted(issuer)}, which is another host.",
            )
        methods = found.get("id_token_signing_alg_values_supported")
        if isinstance(methods, list) and _ALGORITHM not in methods:
            raise _unfit(f"it signs with {quoted(methods)} and not with {_ALGORITHM}")
        said = found.get(_PLATFORM)
        said = said if isinstance(said, dict) else {}
        return cls(
            issuer=issuer,
            login=url("authorization_endpoint"),
            token=url("token_endpoint"),
            jwks=url("jwks_uri"),
            registration=url("registration_endpoint"),
            audience=_text(found, "authorization_server"),
            product=_text(said, "product_family_code").lower(),
            name=_text(said, "name") or (address.hostname or ""),
        )


def _confirmed(answer: Any, configuration: _Configuration) -> Registered:
    client_id = answer.get("client_id") if isinstance(answer, dict) else None
    if not isinstance(client_id, str) or not 0 < len(client_id) <= _MAX_TEXT or not client_id.isprintable():
        raise _unfit(f"its answer names us {quoted(client_id)}, which is no client id")
    said = answer.get(_TOOL)
    deployment = _text(said, "deployment_id") if isinstance(said, dict) else ""
    platform = Platform(
        issuer=configuration.issuer,
        client_id=client_id,
        auth_login_url=configuration.login,
        auth_token_url=configuration.token,
        jwks_url=configuration.jwks,
        token_audience=configuration.audience,
        name=configuration.name,
        product=configuration.product,
    )
    return Registered(platform, deployment)


def _same_house(issuer: SplitResult | None, address: SplitResult) -> bool:
    """Whether who answers at `address` may speak for `issuer`: the same host, or both Canvas's own."""
    one, two = (issuer.hostname if issuer else "") or "", address.hostname or ""
    return one == two or all(any(host.endswith(f".{alias}") for alias in _ALIASES) for host in (one, two))


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _unfit(why: str) -> RegistrationRefused:
    return RegistrationRefused(Cause.REGISTRATION_UNFIT, f"The platform cannot be registered: {why}.")
