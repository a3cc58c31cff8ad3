"""The tool's own signing keys: RSA, in one private file, the newest last; all of them published."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import EngineError
from autograder.files import read_regular, write_atomically
from autograder.lti.errors import KeyFileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

ALGORITHM = "RS256"
BITS = 3072
"""Of a key made here; keys of others are accepted from 2048."""
_MAX_BYTES = 64 << 10
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n?", re.DOTALL)


@dataclass(frozen=True)
class SigningKey:
    """One key pair."""

    private: RSAPrivateKey = field(repr=False)
    kid: str
    """Its name: the thumbprint of RFC 7638, so the same key has the same name everywhere."""

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as a JSON Web Key."""
        return {**_members(self.private.public_key()), "kid": self.kid, "alg": ALGORITHM, "use": "sig"}


@dataclass(frozen=True)
class ToolKeys:
    """The key pairs of this tool. Loading them is cheap; a process that publishes them does so anew for every request, so that
    a key is published before any process signs with it."""

    keys: tuple[SigningKey, ...]
    """At least one; the newest, which signs, is the last."""

    @classmethod
    def load(cls, path: Path) -> ToolKeys:
        """The keys in `path`, made at first use with mode 0600; of two processes that start at once, one makes them.

        Raises:
            KeyFileError: the file is a link, damaged, cannot be read or made, or may be read by others.
        """
        if not os.path.lexists(path):
            with _locked(path):
                if not os.path.lexists(path):
                    _write(path, [_generate()])
        return cls(tuple(_parse(block, path) for block in _blocks(path)))

    @classmethod
    def rotate(cls, path: Path, keep: int = 3) -> ToolKeys:
        """Add a key, which signs from now on, and forget all but the newest `keep`, which is at least 2.

        What a forgotten key signed, such as a choice of content, lives for minutes only.

        Raises:
            KeyFileError: as for `load`.
            ValueError: `keep` is less than 2, so that answers under way could no longer be checked.
        """
        if keep < 2:
            raise ValueError("the key before the newest one stays published for what it has just signed")
        cls.load(path)
        with _locked(path):
            _write(path, [*_blocks(path), _generate()][-keep:])
        return cls.load(path)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """What is published at the tool's JWKS address."""
        return {"keys": [key.jwk for key in self.keys]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JSON Web Token of `claims`, signed with the newest key and naming it."""
        import jwt

        newest = self.keys[-1]
        return jwt.encode(dict(claims), newest.private, algorithm=ALGORITHM, headers={"kid": newest.kid})


def thumbprint(public: RSAPublicKey) -> str:
    """The name of a key by RFC 7638: the SHA-256 of its required members in order, base64url."""
    from jwt.utils import base64url_encode

    canonical = json.dumps(_members(public), sort_keys=True, separators=(",", ":"))
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def _members(public: RSAPublicKey) -> dict[str, str]:
    from jwt.algorithms import RSAAlgorithm

    jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
    return {name: jwk[name] for name in ("e", "kty", "n")}


def _generate() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _blocks(path: Path) -> list[bytes]:
    """The PEM blocks in `path`, which must be a plain file for its owner alone."""
    try:
        content, found = read_regular(path, _MAX_BYTES, links=False)
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise KeyFileError(
            f"The tool's keys {path} could not be read ({reason}): they must be a plain file of whoever runs the service."
        ) from error
    if found.st_mode & _OTHERS:
        raise KeyFileError(
            f"Others have access to the tool's keys {path} (mode {stat.S_IMODE(found.st_mode):04o}): run"
            f" `chmod 600 {shlex.quote(str(path))}`, and make new keys if someone may have copied them."
        )
    blocks = _PEM.findall(content)
    if not blocks or len(content) > _MAX_BYTES or _PEM.sub(b"", content).strip():
        raise KeyFileError(_damaged(path))
    return [block.rstrip() + b"\n" for block in blocks]


def _parse(block: bytes, path: Path) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(block, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # The library's own words may quote the file; they stay out of what is shown.
        raise KeyFileError(_damaged(path)) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise KeyFileError(f"A key in {path} is not RSA with 2048 bits or more: move the file away to get a new one.")
    return SigningKey(key, thumbprint(key.public_key()))


def _damaged(path: Path) -> str:
    return (
        f"The tool's keys {path} are damaged: bring back a copy, or move the file away to get a new key (platforms fetch its"
        " public half by themselves)."
    )


def _write(path: Path, blocks: list[bytes]) -> None:
    """Put a new file in the place of `path`, never readable by others."""
    try:
        write_atomically(path, b"".join(blocks), private=True)
    except EngineError as error:
        raise KeyFileError(f"The tool's keys could not be made: {error}") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes from making keys in the folder of `path` until the block ends."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyFileError(
            f"The folder {path.parent} for the tool's keys could not be opened ({error.strerror}): make it, or name another file."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
