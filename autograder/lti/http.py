"""Every request that this tool makes: bounded in time and size, only to where it was meant to go."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograder.lti.addresses import fit, joined, loopback, origin, parsed, same_origin
from autograder.lti.causes import Cause
from autograder.lti.errors import NewerThere, Rejected, TryLater, quoted

if TYPE_CHECKING:
    import httpx2 as httpx

_REDIRECTS = 3
_CHUNK = 16 << 10
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")


@dataclass(frozen=True)
class Reply:
    """What a platform answered, read whole."""

    url: str
    """Where it came from, after redirects within the same origin."""
    status: int
    headers: httpx.Headers
    body: bytes

    def expected(self, what: str) -> Reply:
        """This reply if it is a success.

        Args:
            what: the call, as a log line names it, such as `posting a score`.

        Raises:
            NewerThere: 409.
            TryLater: 408, 425, 429 and all of 5xx; such a platform is busy or broken.
            Rejected: anything else.
        """
        if 200 <= self.status < 300:
            return self
        sentence = (
            f"{what}: {quoted(self.url)} answered {self.status} ({quoted(self.body[:100].decode('utf-8', 'replace'))})."
        )
        if self.status == 409:
            raise NewerThere(sentence)
        if self.status >= 500 or self.status in (408, 425, 429):
            raise TryLater(sentence, _seconds(self.headers.get("retry-after"), datetime.now(UTC)))
        raise Rejected(Cause.SERVICE_REFUSED, sentence, self.status)

    def json(self, what: str) -> Any:
        """The body as JSON.

        Raises:
            Rejected: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Rejected(
                Cause.SERVICE_ANSWER, f"{what}: what {quoted(self.url)} answered is not JSON.", self.status
            ) from error

    @property
    def next_url(self) -> str | None:
        """The address of the next page by the `Link` header, absolute; `None` on the last one."""
        import httpx2 as httpx

        links = httpx.Response(self.status, headers=self.headers).links
        following = links.get("next", {}).get("url")
        return joined(self.url, following) if following else None


class Web:
    """The one way out. Thread-safe; has no connection open between requests.

    Certificates are checked against those that the operating system trusts. Settings of proxies and `.netrc` in the
    environment are not followed: no such setting may send a token elsewhere.

    Args:
        allow_http: whether plain http to this very machine is allowed (trying it out, tests).
        allow_private: whether an address that anybody may hand in (`public=True`) may lead into a private network.
        wait: seconds without any progress after which a request ends.
        total: seconds for one request as a whole, however slowly its answer drips.
        max_bytes: of one answer; Moodle sends the roster of a whole course in one, some 300 bytes a member.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        allow_private: bool = False,
        wait: float = 10.0,
        total: float = 20.0,
        max_bytes: int = 8 << 20,
    ) -> None:
        self.allow_http = allow_http
        self.allow_private = allow_private
        self.max_bytes = max_bytes
        self._wait = wait
        self._total = total

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, public: bool = False) -> Reply:
        """Read `url`, following a few redirects within its own origin.

        Args:
            public: the address comes from nobody we know; refuse it where it leads into a private network.

        Raises:
            TryLater: it could not be reached or did not answer in time.
            Rejected: the address may not be used, or the answer is too large.
        """
        for _ in range(_REDIRECTS):
            reply = self._send("GET", url, headers or {}, None, public)
            target = joined(url, reply.headers.get("location", ""))
            if not 300 <= reply.status < 400 or url == target or not same_origin(url, target):
                return reply
            url = target
        return reply

    def post(self, url: str, content: bytes, *, headers: Mapping[str, str], public: bool = False) -> Reply:
        """Send `content` to `url`; never follows a redirect. Arguments and errors as for `get`."""
        return self._send("POST", url, headers, content, public)

    def _send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, public: bool) -> Reply:
        import httpx2 as httpx

        parts = parsed(url)
        if parts is None or not fit(url, allow_http=self.allow_http):
            raise Rejected(Cause.SERVICE_ADDRESS, f"{quoted(url)} may not be asked: it is no https address.")
        sent = {"user-agent": "autograder-lti", "accept": "application/json", **headers}
        extensions: dict[str, Any] = {}
        address = httpx.URL(url)
        if public and not self.allow_private:
            # Asked by number, so that the name cannot lead elsewhere between this look and the connection.
            host = address.host
            sent["host"] = address.netloc.decode("ascii")
            extensions["sni_hostname"] = host
            address = address.copy_with(host=self._public_address(host, origin(parts)[2]))
        client = httpx.Client(verify=self._trust, timeout=self._wait, follow_redirects=False, trust_env=False)
        with client, _deadline(self._total) as clock:
            try:
                with client.stream(
                    method, address, headers=sent, content=content, extensions=extensions | {"trace": clock.watch}
                ) as response:
                    body = self._read(response, url)
                    if clock.late:  # what ends with its connection looks whole when that was cut
                        raise httpx.ReadTimeout("")
                    return Reply(url, response.status_code, response.headers, body)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
                reason = "took too long" if clock.late else type(error).__name__
                raise TryLater(f"{method} {quoted(url)} failed: {reason}.") from error

    def _read(self, response: httpx.Response, url: str) -> bytes:
        body = bytearray()
        # Decoded pieces count, so a small compressed answer cannot unfold into a huge one.
        for piece in response.iter_bytes(_CHUNK):
            body += piece
            if len(body) > self.max_bytes:
                raise Rejected(
                    Cause.SERVICE_ANSWER,
                    f"What {quoted(url)} answered is larger than {self.max_bytes} bytes.",
                    response.status_code,
                )
        return bytes(body)

    def _public_address(self, host: str, port: int) -> str:
        """A number of `host`, all of whose numbers are in the public Internet."""
        if loopback(host) and self.allow_http:
            return host
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise TryLater(f"The name {quoted(host)} could not be looked up.") from error
        numbers = [str(entry[4][0]) for entry in found]
        if not numbers or not all(_public(number) for number in numbers):
            raise Rejected(Cause.SERVICE_ADDRESS, f"{quoted(host)} may not be asked: it leads into a private network.")
        return numbers[0]


def _public(number: str) -> bool:
    """Whether this number is in the public Internet, by whatever way an IPv6 address may stand for an IPv4 one."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _LOCAL_NAT64 or address.sixtofour or address.teredo:
            return False
        if address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif address.ipv4_mapped:
            address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


def _seconds(value: str | None, now: datetime) -> float | None:
    """What `Retry-After` says, which is a number of seconds or a date; `None` where it is neither."""
    if value is None:
        return None
    with suppress(ValueError, OverflowError):
        if value.strip().isascii() and value.strip().isdigit():
            return float(value[:12])
        moment = parsedate_to_datetime(value)
        return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return None


class _Clock:
    """Ends the connection of one request when its time is up: time-outs of single reads do not bound their number."""

    def __init__(self) -> None:
        self.late = False
        self._socket: socket.socket | None = None
        self._guard = threading.Lock()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpx as a request goes on; notes the connection as soon as there is one."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._guard:
                self._socket = info["return_value"].get_extra_info("socket")

    def expire(self) -> None:
        """Called by the timer."""
        with self._guard:
            self.late = True
            if self._socket is not None:
                with suppress(OSError):
                    # Not TLS's own `shutdown`, which takes the session away under the thread that reads.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextmanager
def _deadline(seconds: float) -> Iterator[_Clock]:
    clock = _Clock()
    timer = threading.Timer(seconds, clock.expire)
    timer.daemon = True
    timer.start()
    try:
        yield clock
    finally:
        timer.cancel()
