"""What a teacher chose, sent back to the platform: a signed list of links, each perhaps with a column for marks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.lti.causes import Cause
from autograder.lti.claims import DL, LTI
from autograder.lti.errors import LaunchRefused
from autograder.lti.keys import ToolKeys
from autograder.lti.message import RESOURCE_LINK, VERSION, Launch

_SECONDS = 300
"""For which the answer is valid: the browser takes it along at once."""


@dataclass(frozen=True)
class Column:
    """A column of the platform's gradebook, to be made with a link."""

    maximum: float
    """Points; above 0."""
    label: str = ""
    """Its heading; empty means the link's title."""
    resource_id: str = ""
    """Our own name of what is marked there."""
    tag: str = ""
    """Our own name of the kind of mark."""


@dataclass(frozen=True)
class Item:
    """One link that was chosen."""

    title: str
    url: str
    """Which page of ours it opens; below our base URL."""
    text: str = ""
    """A description."""
    custom: Mapping[str, str] = field(default_factory=dict)
    """Comes back with every launch."""
    column: Column | None = None

    def claim(self, *, with_column: bool) -> dict[str, Any]:
        """The content item, as the token has it."""
        item: dict[str, Any] = {"type": RESOURCE_LINK, "title": self.title, "url": self.url}
        if self.text:
            item["text"] = self.text
        if self.custom:
            item["custom"] = dict(self.custom)
        if self.column and with_column:
            named = {"resourceId": self.column.resource_id, "tag": self.column.tag}
            item["lineItem"] = {
                "scoreMaximum": self.column.maximum,
                "label": self.column.label or self.title,
                **{name: value for name, value in named.items() if value},
            }
        return item


@dataclass(frozen=True)
class Choice:
    """A form for the browser to send: POST to `url`, with the one field `JWT`."""

    url: str
    jwt: str = field(repr=False)


def respond(launch: Launch, items: Sequence[Item], *, keys: ToolKeys, now: datetime) -> Choice:
    """The answer to a deep linking launch; without items, nothing was chosen.

    Args:
        now: with its time zone.

    Raises:
        LaunchRefused: the launch was for something else, or awaits one link and gets several.
    """
    settings = launch.deep_linking
    if settings is None:
        raise LaunchRefused(Cause.CHOICE_MISSING, "Content was chosen, but the launch did not ask for any.")
    if len(items) > 1 and not settings.accept_multiple:
        raise LaunchRefused(Cause.CHOICE_TOO_MANY, f"{len(items)} links were chosen, but the platform accepts one.")
    moment = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": launch.platform.client_id,
        "aud": launch.platform.issuer,
        "iat": moment,
        "exp": moment + _SECONDS,
        "nonce": secrets.token_urlsafe(24),
        "azp": launch.platform.issuer,
        LTI + "deployment_id": launch.deployment_id,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": VERSION,
        DL + "content_items": [item.claim(with_column=settings.accept_line_item) for item in items],
    }
    if settings.data:
        claims[DL + "data"] = settings.data
    return Choice(settings.return_url, keys.sign(claims))
