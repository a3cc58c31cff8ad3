"""Which addresses may be used: those of platforms, over HTTPS, and those that lie below our own."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

MAX_URL = 4096
"""Characters."""


def parsed(url: str) -> SplitResult | None:
    """The parts of an absolute http or https URL; `None` where it is none, or one that programs read differently.

    Refused are names and passwords before the host, backslashes, spaces and control characters, and a port that is no number.
    """
    if (
        len(url) > MAX_URL
        or not url.isascii()
        or "\\" in url
        or any(letter <= " " or letter == "\x7f" for letter in url)
    ):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host in lower case, and port."""
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def same_origin(url: str, other: str) -> bool:
    """Whether two addresses are on the same server; not where one of them is none."""
    one, two = parsed(url), parsed(other)
    return one is not None and two is not None and origin(one) == origin(two)


def joined(url: str, other: str) -> str:
    """The address that `other` means on a page at `url`; "", which may not be asked, where it means none."""
    try:
        return urljoin(url, other)
    except ValueError:
        return ""


def loopback(host: str) -> bool:
    """Whether `host` is this machine by its name or number, without asking a name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fit(url: str, *, allow_http: bool) -> bool:
    """Whether `url` is https, or http to this very machine where `allow_http` says so."""
    parts = parsed(url)
    return parts is not None and (parts.scheme == "https" or (allow_http and loopback(parts.hostname or "")))


def below(url: str, base: str) -> bool:
    """Whether `url` lies below our own `base`: same scheme, host and port, and its path, without any `..`."""
    parts, own = parsed(url), parsed(base)
    if parts is None or own is None or origin(parts) != origin(own):
        return False
    path = unquote(parts.path)
    if ".." in path.split("/") or "\\" in path:
        return False
    return path == own.path.rstrip("/") or path.startswith(own.path.rstrip("/") + "/")
