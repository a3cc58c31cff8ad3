"""How one installation of the service is set up: from options, the environment and files that only its account can read."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.serve.zones import zone

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_SECRET_BYTES = 32
_MOST_WORKERS = 64


@dataclass(frozen=True)
class Settings:
    """Where the service keeps its things, under which address it is reached, and what it allows."""

    course_root: Path
    data: Path
    """Folder of uploads, keys and, by default, the database; mode 0700."""
    database: str
    """SQLAlchemy URL."""
    base_url: str
    """As browsers and the LMS see it, without a slash at the end."""
    dev: bool = False
    """No LMS: a page to sign in as anybody, on loopback only."""
    sandbox: bool = True
    jobs: int | None = None
    """Submissions at the same time, per worker; `None` leaves it to cores and memory."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """In which dates are written."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose `X-Forwarded-*` headers are believed, separated by commas; `*` believes all."""
    workers: int = 1
    """Worker processes beside the pages; 0 where they run elsewhere."""
    dask: str = ""
    """Address of the Dask scheduler on whose cluster workers have things graded; empty for their own machines."""
    metrics_token: str = field(default="", repr=False)
    """What `/metrics` asks for as bearer token; without one it answers this computer only."""
    allow_private: bool = False
    """Whether an LMS in a private network may register itself."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the service by https, so that cookies may be sent from within another site's frame."""
        return self.base_url.startswith("https:")

    @property
    def uploads(self) -> Path:
        """Folder of what was handed in, by content."""
        return self.data / "uploads"

    @property
    def tool_keys(self) -> Path:
        """File of the keys with which the LMS knows us."""
        return self.data / "lti-keys.pem"

    @classmethod
    def read(
        cls,
        course_root: Path,
        *,
        host: str,
        port: int,
        dev: bool = False,
        sandbox: bool = True,
        jobs: int | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> Settings:
        """The settings by options and environment (the `AUTOGRADER_…` of `autograder serve --help`); makes the data folder.

        Raises:
            UsageError: they contradict each other, or the folder cannot be used.
        """
        data = Path(environment.get("AUTOGRADER_DATA") or course_root / "service").resolve()
        shown = host if ":" not in host else f"[{host}]"
        url = (environment.get("AUTOGRADER_URL") or f"http://{shown}:{port}").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(
                f"AUTOGRADER_URL is {url!r}: give the address that browsers use, like https://notas.example.org."
            )
        if dev and shown not in _LOOPBACK:
            raise UsageError(
                f"--dev lets anybody sign in as anybody, so it serves loopback only: leave out --host {host}."
            )
        if not dev and parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise UsageError(
                f"{url} is not https, and an LMS sends marks and names there: put a reverse proxy with TLS in front "
                "and set AUTOGRADER_URL to its https address."
            )
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            if data.stat().st_mode & 0o077:
                data.chmod(0o700)
        except OSError as error:
            raise UsageError(
                f"{data} cannot be used ({error.strerror}): set AUTOGRADER_DATA to a folder of ours."
            ) from error
        return cls(
            course_root=course_root,
            data=data,
            database=environment.get("AUTOGRADER_DATABASE") or f"sqlite:///{data / 'service.db'}",
            base_url=url,
            dev=dev,
            sandbox=sandbox,
            jobs=jobs,
            zone=zone(environment.get("AUTOGRADER_ZONE") or "UTC"),
            allow_private=environment.get("AUTOGRADER_PRIVATE_LMS") == "1",
            trusted_proxies=environment.get("AUTOGRADER_PROXIES") or "127.0.0.1",
            workers=_workers(environment),
            dask=environment.get("AUTOGRADER_DASK") or "",
            metrics_token=_metrics_token(environment),
        )


def _workers(environment: Mapping[str, str]) -> int:
    value = environment.get("AUTOGRADER_WORKERS") or "1"
    if not value.isascii() or not value.isdigit() or int(value) > _MOST_WORKERS:
        raise UsageError(f"AUTOGRADER_WORKERS is {value!r}: give a number from 0 (pages only) to {_MOST_WORKERS}.")
    return int(value)


def _metrics_token(environment: Mapping[str, str]) -> str:
    name = environment.get("AUTOGRADER_METRICS_TOKEN_FILE")
    if not name:
        return ""
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"AUTOGRADER_METRICS_TOKEN_FILE names {path}, which is no file: make it, or unset the variable."
        )
    return secret(path.parent, path.name, {}).decode(errors="replace")


def secret(folder: Path, name: str, environment: Mapping[str, str] = os.environ) -> bytes:
    """A secret of this installation, made at first use in `folder/name`; `AUTOGRADER_SECRET_FILE` names another file.

    Raises:
        UsageError: the file can be read by others, or holds too little to be a secret.
    """
    path = Path(environment.get("AUTOGRADER_SECRET_FILE") or folder / name)
    if not path.exists():
        write_atomically(path, secrets.token_hex(_SECRET_BYTES), private=True)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UsageError(f"{path} holds a secret and can be read by others: run chmod 600 {path}.")
    value = path.read_bytes().strip()
    if len(value) < _SECRET_BYTES:
        raise UsageError(f"{path} holds {len(value)} bytes, too few for a secret: delete it, and a new one is made.")
    return value
