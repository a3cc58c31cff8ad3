"""A reverse proxy with TLS on loopback, as an installation has one, and certificates that this computer makes for itself."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host"})


@dataclass
class Front:
    """One proxy."""

    url: str
    """Its own address."""
    behind: str = ""
    """Whom it stands in front of."""
    cookies_in_frames: bool = True
    """Whether the browser in front keeps cookies of pages in another site's frame; without, they are taken away on the way."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` and `127.0.0.1` that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@contextmanager
def front(host: str, files: tuple[Path, Path]) -> Iterator[Front]:
    """A proxy at `https://<host>:<a free port>` until the block ends; `behind` is to be set before anybody comes."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    made = Front(f"https://{host}:{listening.getsockname()[1]}")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=None) as client:
            app.state.client = client
            yield

    async def pass_on(request: Request) -> Response:
        return await _pass_on(request, made)

    methods = ["GET", "POST", "HEAD"]
    app = Starlette(routes=[Route("/{path:path}", pass_on, methods=methods)], lifespan=lifespan)
    config = uvicorn.Config(
        app,
        ssl_certfile=str(files[0]),
        ssl_keyfile=str(files[1]),
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


async def _pass_on(request: Request, made: Front) -> Response:
    framed = request.headers.get("sec-fetch-dest") == "iframe" and not made.cookies_in_frames
    headers = {name: value for name, value in request.headers.items() if name not in _HOP}
    if framed:
        headers.pop("cookie", None)
    assert request.client is not None
    headers |= {"host": request.url.netloc, "x-forwarded-for": request.client.host, "x-forwarded-proto": "https"}
    client: httpx.AsyncClient = request.app.state.client
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    content = request.stream() if request.method == "POST" else None
    sent = client.build_request(request.method, made.behind + path, headers=headers, content=content)
    reply = await client.send(sent, stream=True)
    answer = StreamingResponse(reply.aiter_raw(), reply.status_code, background=BackgroundTask(reply.aclose))
    dropped = _HOP | ({"set-cookie"} if framed else set())
    answer.raw_headers = [
        (name.lower(), value) for name, value in reply.headers.raw if name.lower().decode() not in dropped
    ]
    return answer
