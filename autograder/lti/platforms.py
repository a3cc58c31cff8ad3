"""What is known of a learning platform, of this tool, and where both keep it: plain records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autograder.text import Text

LOGIN = "/lti/login"
LAUNCH = "/lti/launch"
JWKS = "/lti/jwks"
"""Where the tool is reached, below its base URL; platforms keep these for years."""


@dataclass(frozen=True)
class Tool:
    """This service, as platforms see it."""

    base_url: str
    """Scheme, host and perhaps a path, such as `https://grade.example.edu`; a slash at its end is dropped."""
    title: Text
    description: Text

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def login_url(self) -> str:
        """Where a platform begins a login."""
        return self.base_url + LOGIN

    @property
    def launch_url(self) -> str:
        """Where launches arrive; the only redirect URI."""
        return self.base_url + LAUNCH

    @property
    def jwks_url(self) -> str:
        """Where the public halves of the tool's keys are."""
        return self.base_url + JWKS


@dataclass(frozen=True)
class Platform:
    """One registration of this tool with one platform; `issuer` and `client_id` together name it."""

    issuer: str
    """Compared with the `iss` of a launch character by character."""
    client_id: str
    """Our own name at the platform."""
    auth_login_url: str
    """Where the browser is sent to be recognised."""
    auth_token_url: str
    """Where access tokens for the platform's services are given out."""
    jwks_url: str
    """Where the platform's public keys are."""
    token_audience: str = ""
    """Whom our request for an access token addresses; empty means `auth_token_url`."""
    deployment_ids: frozenset[str] | None = None
    """The deployments that may launch; `None` means any.

    The signature already proves the platform and `client_id`; a deployment says for which part of the platform the tool was
    installed. Few platforms tell it when the tool is registered (Moodle does: its number of the tool, such as `1`), so
    without a list a launch from a new one is accepted, and the caller notes it at its first.
    """
    name: str = ""
    """What people call it, such as `Campus virtual`."""
    product: str = ""
    """Its software, as it says itself: `moodle`, `canvas`; empty when not known."""

    @property
    def audience(self) -> str:
        """The `aud` of our requests for access tokens."""
        return self.token_audience or self.auth_token_url


class PlatformBook(Protocol):
    """The registered platforms, kept by the caller."""

    def find(self, issuer: str, client_id: str | None) -> Sequence[Platform]:
        """The registrations with exactly this issuer and client; all of the issuer's where `client_id` is `None`."""
        ...
