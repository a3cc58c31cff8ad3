"""Where a cluster's scheduler is, and how it is spoken to: TLS with a certificate on both sides, or this machine alone."""

from __future__ import annotations

import importlib.util
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from autograder.errors import UsageError

if TYPE_CHECKING:
    from distributed import Security

Role = Literal["client", "worker"]
_HOW = "name --tls-ca, --tls-cert and --tls-key; `autograder worker --make-certificates DIR` makes them"


@dataclass(frozen=True)
class Place:
    """A scheduler that may be spoken to."""

    address: str
    """With its scheme, `tls://` or `tcp://`, and its port."""
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @classmethod
    def of(
        cls, address: str, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None
    ) -> Place:
        """The place that options name; files that they leave out are those of Dask's own configuration.

        Raises:
            UsageError: Dask is missing, it is no address, files are missing, or a network would be used without TLS.
        """
        if importlib.util.find_spec("distributed") is None:
            raise UsageError("dask.distributed is not installed here: pip install 'autograder[dask]'.")
        given = {"--tls-ca": ca, "--tls-cert": certificate, "--tls-key": key}
        if missing := [option for option, path in given.items() if path is None]:
            if len(missing) < len(given):
                raise UsageError(f"{missing[0]} is missing: a CA, a certificate and its key belong together.")
            ca, certificate, key = _configured()
        for path in filter(None, (ca, certificate, key)):
            if not path.is_file():
                raise UsageError(f"{path} is not there: {_HOW}.")
        scheme, host, port = _parts(address, "tls" if ca else "tcp")
        if scheme == "tls" and ca is None:
            raise UsageError(f"{address} speaks TLS: {_HOW}.")
        if scheme == "tcp" and not _is_loopback(host):
            raise UsageError(f"{address} is reached over a network, so TLS is needed: {_HOW}, and write tls:// there.")
        shown = f"[{host}]" if ":" in host else host
        if scheme == "tcp":
            return cls(f"tcp://{shown}:{port}")
        return cls(f"tls://{shown}:{port}", ca, certificate, key)

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken; if not, nothing leaves this machine."""
        return self.address.startswith("tls://")

    def security(self) -> Security:
        """What Dask has to know of it.

        Raises:
            UsageError: the files are no certificates, or do not belong together.
        """
        from distributed import Security

        if not self.encrypted:
            return Security(require_encryption=False)
        files = {
            f"tls_{role}_{kind}": str(path) if path else None
            for role in ("client", "worker")
            for kind, path in (("cert", self.certificate), ("key", self.key))
        }
        security = Security(require_encryption=True, tls_ca_file=str(self.ca), **files)
        try:
            security.get_connection_args("client")
        except (ssl.SSLError, OSError) as error:
            raise UsageError(
                f"{self.certificate} could not be used with {self.key} and {self.ca} ({error}): {_HOW}."
            ) from error
        return security


def _configured() -> tuple[Path | None, Path | None, Path | None]:
    """The files that Dask's configuration or its environment variables name, for clients or else for workers."""
    import dask.config
    import distributed  # noqa: F401 -- brings the names and defaults of its settings

    def named(name: str) -> Path | None:
        found = dask.config.get(f"distributed.comm.tls.{name}")
        return Path(found) if found else None

    role = "client" if named("client.cert") else "worker"
    ca, certificate = named("ca-file"), named(f"{role}.cert")
    return (ca, certificate, named(f"{role}.key")) if ca and certificate else (None, None, None)


def _parts(address: str, scheme: str) -> tuple[str, str, int]:
    """Scheme, host and port; `scheme` where the address has none."""
    try:
        found = urlsplit(address if "://" in address else f"{scheme}://{address}")
        host, port = found.hostname, found.port or 8786
    except ValueError:
        host, port = None, 0
    if not host or found.scheme not in ("tls", "tcp") or found.path.strip("/"):
        raise UsageError(f"{address} is no address of a Dask scheduler: write it as tls://HOST:8786.")
    return found.scheme, host, port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
