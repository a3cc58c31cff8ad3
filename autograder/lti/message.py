"""What a launch says, as a frozen record; read only from a token that has been proven genuine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from autograder.lti.addresses import below, fit
from autograder.lti.causes import Cause
from autograder.lti.claims import AGS, DL, LTI, NRPS, Claims
from autograder.lti.errors import LaunchRefused, quoted
from autograder.lti.platforms import Platform
from autograder.lti.roles import Role, read_role

VERSION = "1.3.0"
MAX_SUBJECT = 255
"""Characters, by OpenID Connect."""
RESOURCE_LINK = "ltiResourceLink"


class Message(StrEnum):
    """What the person came for."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    """To use an activity."""
    DEEP_LINKING = "LtiDeepLinkingRequest"
    """To choose what an activity of the course shall be."""


@dataclass(frozen=True)
class Context:
    """The course at the platform; empty strings where it says nothing."""

    id: str = ""
    title: str = ""
    label: str = ""
    """Its short name."""


@dataclass(frozen=True)
class ResourceLink:
    """The activity at the platform that was opened."""

    id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True)
class GradesEndpoint:
    """Where marks are sent (Assignment and Grade Services)."""

    scopes: frozenset[str]
    """What the tool may do there."""
    line_items: str
    """The columns of the course; empty where the tool may not see them."""
    line_item: str
    """The column of this activity; empty where it has none or several."""


@dataclass(frozen=True)
class RosterEndpoint:
    """Where the members of the course can be read (Names and Role Provisioning Services)."""

    url: str


@dataclass(frozen=True)
class DeepLinkingSettings:
    """What the platform awaits from a choice of content."""

    return_url: str
    """Where the browser takes the choice."""
    accept_multiple: bool = False
    """Whether several links may be chosen at once."""
    accept_line_item: bool = True
    """Whether a column for marks may come with a link."""
    targets: tuple[str, ...] = ()
    """How links may be shown: `iframe`, `window`, `embed`."""
    title: str = ""
    text: str = ""
    data: str = field(default="", repr=False)
    """The platform's own, sent back as it came; empty where there is none."""


@dataclass(frozen=True)
class Launch:
    """Who came, from where, to what. Strings are empty where the platform says nothing."""

    platform: Platform
    deployment_id: str
    subject: str
    """The person at this platform; with the issuer, it names them for good."""
    name: str
    email: str
    locale: str
    """Such as `es-ES`."""
    role: Role
    roles: tuple[str, ...] = field(repr=False)
    """As the platform names them."""
    message: Message
    target: str
    """Which page of ours is wanted; below our base URL."""
    context: Context
    link: ResourceLink | None
    """`None` in deep linking."""
    custom: Mapping[str, str]
    """Custom parameters, among them those that were set when the link was chosen."""
    grades: GradesEndpoint | None
    roster: RosterEndpoint | None
    deep_linking: DeepLinkingSettings | None
    """`None` unless in deep linking."""
    return_url: str
    """Where to send the person when done; empty also where it is no address that a page may lead to."""
    document_target: str
    """`iframe`, `frame` or `window`."""


def read_launch(claims: Claims, platform: Platform, *, base_url: str, allow_http: bool) -> Launch:
    """What `claims` say, checked as to types, version and addresses.

    Raises:
        LaunchRefused: something required is missing, of another type, or of a kind that is not supported.
    """
    message = _message(claims)
    target = claims.string(LTI + "target_link_uri", Cause.TARGET_MISSING)
    if not below(target, base_url):
        raise LaunchRefused(
            Cause.TARGET_ELSEWHERE, f"The launch wants to reach {quoted(target)}, which is not below {base_url}."
        )
    roles = claims.strings(LTI + "roles", Cause.ROLES_MISSING)
    shown = claims.object(LTI + "launch_presentation") or Claims({})
    context = claims.object(LTI + "context") or Claims({})
    deep = message is Message.DEEP_LINKING
    return Launch(
        platform=platform,
        deployment_id=claims.string(LTI + "deployment_id"),
        subject=_subject(claims),
        name=_name(claims),
        email=claims.shown("email"),
        locale=claims.shown("locale") or shown.shown("locale"),
        role=read_role(roles),
        roles=roles,
        message=message,
        target=target,
        context=Context(context.string("id"), context.shown("title"), context.shown("label")),
        link=None if deep else _link(claims),
        custom=claims.texts(LTI + "custom"),
        grades=_grades(claims, allow_http),
        roster=_roster(claims, allow_http),
        deep_linking=_deep_linking(claims, allow_http) if deep else None,
        return_url=_return_url(shown, allow_http),
        document_target=shown.shown("document_target"),
    )


def _message(claims: Claims) -> Message:
    kind = claims.string(LTI + "message_type", Cause.MESSAGE_MISSING)
    if kind not in set(Message):
        raise LaunchRefused(Cause.MESSAGE_UNKNOWN, f"The message is {quoted(kind)}, which this tool does not offer.")
    version = claims.string(LTI + "version", Cause.VERSION_MISSING)
    if version != VERSION:
        raise LaunchRefused(Cause.VERSION_OTHER, f"The message is of LTI version {quoted(version)}, not {VERSION}.")
    return Message(kind)


def _subject(claims: Claims) -> str:
    subject = claims.string("sub", Cause.SUBJECT_MISSING)
    if len(subject) > MAX_SUBJECT or not subject.isprintable() or subject != subject.strip():
        raise LaunchRefused(
            Cause.SUBJECT_UNFIT, f"The person is named {quoted(subject)}, which is too long or not plain."
        )
    return subject


def _name(claims: Claims) -> str:
    parts = (claims.shown("given_name"), claims.shown("family_name"))
    return claims.shown("name") or " ".join(part for part in parts if part)


def _link(claims: Claims) -> ResourceLink:
    link = claims.object(LTI + "resource_link", Cause.LINK_MISSING) or Claims({})
    return ResourceLink(link.string("id", Cause.LINK_MISSING), link.shown("title"), link.shown("description"))


def _grades(claims: Claims, allow_http: bool) -> GradesEndpoint | None:
    endpoint = claims.object(AGS)
    if endpoint is None:
        return None
    return GradesEndpoint(
        frozenset(endpoint.strings("scope")),
        _address(endpoint, "lineitems", allow_http),
        _address(endpoint, "lineitem", allow_http),
    )


def _roster(claims: Claims, allow_http: bool) -> RosterEndpoint | None:
    service = claims.object(NRPS)
    url = _address(service, "context_memberships_url", allow_http) if service else ""
    return RosterEndpoint(url) if url else None


def _deep_linking(claims: Claims, allow_http: bool) -> DeepLinkingSettings:
    settings = claims.object(DL + "deep_linking_settings", Cause.CHOICE_MISSING) or Claims({})
    kinds = settings.strings("accept_types")
    if RESOURCE_LINK not in kinds:
        raise LaunchRefused(
            Cause.CHOICE_UNSUPPORTED,
            f"The platform awaits {quoted(list(kinds))}, but this tool offers {RESOURCE_LINK}.",
        )
    return_url = _address(settings, "deep_link_return_url", allow_http)
    if not return_url:
        raise LaunchRefused(Cause.CHOICE_MISSING, "The platform does not say where the choice is to be sent.")
    return DeepLinkingSettings(
        return_url=return_url,
        accept_multiple=settings.flag("accept_multiple"),
        accept_line_item=settings.flag("accept_lineitem") or "accept_lineitem" not in settings,
        targets=settings.strings("accept_presentation_document_targets"),
        title=settings.shown("title"),
        text=settings.shown("text"),
        data=_data(settings),
    )


def _return_url(shown: Claims, allow_http: bool) -> str:
    url = shown.string("return_url")
    return url if fit(url, allow_http=allow_http) else ""


def _data(settings: Claims) -> str:
    value = settings.raw("data")
    if value is not None and not isinstance(value, str):
        raise settings.wrong("data", "a string")
    return value or ""


def _address(claims: Claims, name: str, allow_http: bool) -> str:
    url = claims.string(name)
    if url and not fit(url, allow_http=allow_http):
        raise LaunchRefused(Cause.ADDRESS_UNFIT, f"The address {name} is {quoted(url)}, which is no https address.")
    return url
