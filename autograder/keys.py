"""The key that a course signs receipts with: a private file, its public half beside it, a fingerprint to publish."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import CourseError, EngineError, UsageError
from autograder.files import read_regular, write_atomically

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "AUTOGRADER_RECEIPT_KEY"
"""The environment variable that names another private key file."""
FOLDER = ".autograder"
PRIVATE = "receipt-key.pem"
MIN_DIGITS = 16
"""Hex digits of a fingerprint that are shown, and the fewest that are compared: nobody finds a second key for 64 bits."""

_MAX_BYTES = 16 << 10
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class CourseKey:
    """The Ed25519 key pair of one course."""

    private: Ed25519PrivateKey = field(repr=False)
    path: Path
    """Where the private half lies."""
    created: bool = False
    """Whether it was made just now, so that its fingerprint is still to be published."""

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """What a course publishes, so that students know its key."""
        return fingerprint(self.public)


def private_path(root: Path) -> Path:
    """Where the private key of the course in `root` lies, or is to be made."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else root / FOLDER / PRIVATE


def public_path(private: Path) -> Path:
    """Where the public half lies: beside the private key, ending in `.pub`."""
    return private.with_name(private.name.removesuffix(".pem") + ".pub")


def course_key(root: Path) -> CourseKey:
    """The key of the course in `root`, made on first use; its public half is put beside it.

    Of two graders that start at once, one makes the key and the other takes it. A private key is never replaced. Where
    its folder may not be written (a mounted secret), there is no public half; the fingerprint says the same.

    Raises:
        CourseError: the file is a link, damaged, no Ed25519 key, cannot be read, or may be read by others.
        EngineError: the key cannot be made, or its public half not be written.
    """
    path = private_path(root)
    created = False
    with _opened(path.parent, ours=not os.environ.get(VARIABLE)) as folder:
        try:
            pem = _read(path, folder)
        except FileNotFoundError:
            created = _create(path, folder)
            pem = _read(path, folder)
    key = CourseKey(_parse(pem, path), path, created)
    _publish(key)
    return key


def read_public(path: Path) -> bytes:
    """The 32 bytes of the public key in the PEM file `path`.

    Raises:
        UsageError: there is none.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        pem, _ = read_regular(path, _MAX_BYTES)
    except OSError as error:
        raise UsageError(f"{path} could not be read ({error.strerror}): name the course's public key.") from error
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path} is not the public key of a course: name the receipt-key.pub that it published.")
    return key.public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of a public key's 32 bytes, in groups of four."""
    digits = hashlib.sha256(public).hexdigest()[:MIN_DIGITS]
    return " ".join(re.findall("....", digits))


def read_fingerprint(text: str) -> str:
    """The hex digits of a fingerprint as a person types it: in any case, with spaces, colons or hyphens.

    Raises:
        UsageError: it is none, or shorter than what is shown.
    """
    digits = re.sub(r"[\s:-]", "", text).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{MIN_DIGITS},64}}", digits):
        raise UsageError(f"A fingerprint has {MIN_DIGITS} hex digits, such as 0123 4567 89ab cdef.")
    return digits


def has_fingerprint(public: bytes, digits: str) -> bool:
    """Whether `digits`, from `read_fingerprint`, are those of this public key."""
    return hashlib.sha256(public).hexdigest().startswith(digits)


@contextmanager
def _opened(folder: Path, *, ours: bool) -> Iterator[int]:
    """A descriptor of the key's folder, so that no later look at its path can lead elsewhere.

    The course's own folder is made when missing, for its owner alone and ignored by git, and may be no link.
    """
    try:
        if ours:
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if ours else 0)
        descriptor = os.open(folder, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise CourseError(
                f"{folder} is to hold the course's key and must be a folder, not a link or file."
            ) from error
        raise EngineError(
            f"The folder {folder} for the course's key could not be opened ({error.strerror}):"
            f" make it, or name another key file in {VARIABLE}."
        ) from error
    try:
        # Also where the folder is there: a grader may have been killed just after making it.
        if ours and not (folder / ".gitignore").exists():
            write_atomically(folder / ".gitignore", "*\n")
        yield descriptor
    finally:
        os.close(descriptor)


def _read(path: Path, folder: int) -> bytes:
    """Raises `FileNotFoundError` when there is no key yet, `CourseError` when there is one that must not be used."""
    try:
        pem, found = read_regular(path.name, _MAX_BYTES, links=False, folder=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise CourseError(
            f"The course's key {path} could not be read ({reason}): it must be a plain file of whoever grades."
        ) from error
    if found.st_mode & _OTHERS:
        raise CourseError(
            f"Others have access to the course's key {path} (mode {stat.S_IMODE(found.st_mode):04o}):"
            f" run `chmod 600 {shlex.quote(str(path))}`, and make a new key if someone may have copied it."
        )
    return pem


def _create(path: Path, folder: int) -> bool:
    """Make the key; `False` when another process was faster."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = f".{secrets.token_hex(8)}.tmp"
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
        try:
            with open(handle, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(handle)
            # Not `rename`, which would replace the key of a grader that started at the same time.
            os.link(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.unlink(draft, dir_fd=folder)
        os.fsync(folder)
    except FileExistsError:
        return False
    except OSError as error:
        raise EngineError(
            f"The course's key {path} could not be made ({error.strerror}): free space, or name another file in {VARIABLE}."
        ) from error
    return True


def _parse(pem: bytes, path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # The library's own words may quote the file; they stay out of what is shown.
        raise CourseError(
            f"The course's key {path} is damaged or locked by a password: bring back a copy of it, or move it away to get"
            " a new one (receipts given so far stay tied to the old one)."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CourseError(f"The course's key {path} is of another kind than Ed25519: move it away to get a new one.")
    return key


def _publish(key: CourseKey) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path = public_path(key.path)
    try:
        published = read_regular(path, _MAX_BYTES, links=False)[0]
    except OSError:
        published = b""
    if published != pem and os.access(path.parent, os.W_OK, effective_ids=True):
        write_atomically(path, pem)
