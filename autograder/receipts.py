"""Receipts: what a course says it graded, signed with its key, so that a student can prove it and check it offline.

A receipt is one small JSON file, `{"receipt": {…}, "key": "<base64>", "signature": "<base64>"}`. Signed (Ed25519) are the
bytes of the record alone as JSON in UTF-8 with sorted keys and no spaces, so any other program can check it too. The key in
the file only shows that the file is consistent; that it is the course's key is for the reader to bring along.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.feedback import plain, stem
from autograder.feedback.strings import number, strings
from autograder.files import write_atomically
from autograder.keys import fingerprint, has_fingerprint
from autograder.records import Report, Status
from autograder.text import Language, Text

if TYPE_CHECKING:
    from autograder.keys import CourseKey

SCHEMA = 1
MAX_BYTES = 16 << 10
"""Of a receipt's file; a longer one is not even parsed."""
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_WIDEST = 120
"""Characters shown of one value."""


@dataclass(frozen=True)
class Receipt:
    """What is signed about one grading."""

    schema: int
    course: str
    student: str
    assignment: str
    submission_sha256: str
    """Of the file as it was handed in, byte by byte."""
    grader_sha256: str
    """Of the hidden grader and the notebook's source; empty when the assignment is not known."""
    engine: str
    """Version of this package."""
    status: str
    """As in the report: `graded`, `needs_review` or `rejected`."""
    score: float
    max_score: float
    attempt: int
    """1 for the first grading of this student's assignment."""
    graded_at: str
    """UTC, to the second, as in `2026-11-27T18:00:00Z`."""

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Receipt:
        """Raises `ValueError` unless `record` has exactly the fields of a receipt, each of its type."""
        types = {"str": str, "int": int, "float": float}
        wanted = {field.name: types[str(field.type)] for field in fields(cls)}
        if record.keys() != wanted.keys() or any(type(record[name]) is not kind for name, kind in wanted.items()):
            raise ValueError("not the fields of a receipt")
        if record["schema"] != SCHEMA or record["status"] not in set(Status):
            raise ValueError("not of this version")
        return cls(**record)


class Validity(StrEnum):
    """What became of checking one receipt."""

    VALID = "valid"
    """Signed by the course and unaltered; of the notebook, where one was given."""
    UNCONFIRMED = "unconfirmed"
    """Unaltered since it was signed, but nobody said what the course's key is."""
    ALTERED = "altered"
    OTHER_KEY = "other_key"
    OTHER_NOTEBOOK = "other_notebook"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check, and what may be believed after it."""

    validity: Validity
    receipt: Receipt | None = None
    """`None` where nothing in the file is to be believed."""
    fingerprint: str = ""
    """Of the key that signed; empty where none did."""
    notebook: bool = False
    """Whether a notebook was compared."""

    def lines(self, language: Language) -> list[str]:
        """The verdict in one sentence, then what the receipt says; safe to print, whatever the file holds."""
        told = _VERDICTS[self.validity]
        if self.validity in (Validity.VALID, Validity.UNCONFIRMED):
            told += _SAME_NOTEBOOK if self.notebook else _NO_NOTEBOOK
        lines = [told.to(language).format(fingerprint=self.fingerprint)]
        return lines + (_details(self.receipt, language) if self.receipt else [])


def issue(report: Report, *, course_id: str, attempt: int, at: datetime, key: CourseKey) -> bytes:
    """The file of the receipt for `report`, graded for the `attempt`-th time at the time `at`.

    Raises:
        ValueError: there is no submission (its hash is empty), `attempt` is below 1 or `at` has no time zone.
    """
    from autograder.intake.names import clean

    if not report.submission_sha256 or attempt < 1 or at.tzinfo is None:
        raise ValueError("a receipt needs a submission, an attempt from 1 and a time with its zone")
    receipt = Receipt(
        schema=SCHEMA,
        course=clean(course_id),
        student=clean(report.student),
        assignment=clean(report.assignment),
        submission_sha256=report.submission_sha256,
        grader_sha256=report.grader_sha256,
        engine=metadata.version("autograder"),
        status=report.status.value,
        score=float(report.score),
        max_score=float(report.max_score),
        attempt=attempt,
        graded_at=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    record = asdict(receipt)
    signature = key.private.sign(_canonical(record))
    return _rendered({"receipt": record, "key": _base64(key.public), "signature": _base64(signature)})


def write(
    graded: Iterable[tuple[Report, int, datetime]], folder: Path, *, course_id: str, key: CourseKey
) -> dict[tuple[str, str], Path]:
    """Write the receipt of every (report, attempt, time) into `folder`; the paths by (student, assignment).

    A receipt is called like the feedback page, ends in `.json` and replaces the older one as a whole. Where nothing was
    handed in, or it was lost before it was read, there is nothing to sign and so no receipt.

    Raises:
        EngineError: the folder cannot be written.
    """
    paths: dict[tuple[str, str], Path] = {}
    for report, attempt, at in graded:
        if report.submission_sha256:
            path = folder / f"{stem(report)}.json"
            write_atomically(path, issue(report, course_id=course_id, attempt=attempt, at=at, key=key))
            paths[report.student, report.assignment] = path
    return paths


def check(
    data: bytes, *, notebook: bytes | None = None, public_key: bytes | None = None, digits: str | None = None
) -> Verdict:
    """Judge the receipt file `data`; never raises on what the file holds.

    Args:
        notebook: the file that is said to have been graded.
        public_key: the course's, 32 bytes.
        digits: its fingerprint, from `keys.read_fingerprint`. Without both the best verdict is `UNCONFIRMED`.
    """
    parts = _parsed(data)
    if parts is None:
        return Verdict(Validity.UNREADABLE)
    document, key, signature = parts
    if not _is_intact(data, document, key, signature):
        return Verdict(Validity.ALTERED)
    signer = fingerprint(key)
    if (public_key is not None and key != public_key) or (digits is not None and not has_fingerprint(key, digits)):
        return Verdict(Validity.OTHER_KEY, fingerprint=signer)
    try:
        receipt = Receipt.from_json(document["receipt"])
    except ValueError:
        return Verdict(Validity.UNREADABLE)
    if notebook is not None and hashlib.sha256(notebook).hexdigest() != receipt.submission_sha256:
        return Verdict(Validity.OTHER_NOTEBOOK, receipt, signer, notebook=True)
    known = public_key is not None or digits is not None
    return Verdict(Validity.VALID if known else Validity.UNCONFIRMED, receipt, signer, notebook is not None)


def _parsed(data: bytes) -> tuple[dict[str, Any], bytes, bytes] | None:
    """The document, its key and its signature, or `None` when it has not even the shape of a receipt."""
    if len(data) > MAX_BYTES:
        return None
    try:
        document = json.loads(data.decode())
        if not isinstance(document, dict) or document.keys() != {"receipt", "key", "signature"}:
            return None
        if not isinstance(document["receipt"], dict):
            return None
        key = base64.b64decode(document["key"], validate=True)
        signature = base64.b64decode(document["signature"], validate=True)
    except (ValueError, TypeError, RecursionError):
        return None
    return (document, key, signature) if (len(key), len(signature)) == (_KEY_BYTES, _SIGNATURE_BYTES) else None


def _is_intact(data: bytes, document: dict[str, Any], key: bytes, signature: bytes) -> bool:
    """Whether the file is, to the byte, what was issued with this key.

    The signature covers values, not their spelling. A second "score", or 1e1 for 10.0, would say one thing to a person
    who reads the file and another to a program, so the spelling is held to ours; only line ends may have changed, as
    they do in mail.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        ours = _rendered({**document, "key": _base64(key), "signature": _base64(signature)})
        if data.replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n" != ours:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _canonical(document["receipt"]))
    except (ValueError, InvalidSignature):
        return False
    return True


def _canonical(record: dict[str, Any]) -> bytes:
    """Raises `ValueError` for what JSON or UTF-8 cannot hold: infinities, lone surrogates."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def _rendered(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _details(receipt: Receipt, language: Language) -> list[str]:
    words = strings(language)
    of = words["points_of"].format(score=number(receipt.score, language), max=number(receipt.max_score, language))
    values = {
        _COURSE.to(language): receipt.course,
        words["student"]: receipt.student,
        words["assignment"]: receipt.assignment,
        _ATTEMPT.to(language): str(receipt.attempt),
        _WHEN.to(language): receipt.graded_at,
        words["points"]: f"{of} ({words[f'short_{receipt.status}']})",
        words["submission"]: receipt.submission_sha256,
        words["grader"]: receipt.grader_sha256,
        _ENGINE.to(language): receipt.engine,
    }
    width = max(map(len, values))
    return [f"  {label:{width}}  {_shown(value)}" for label, value in values.items()]


def _shown(value: str) -> str:
    line = " ".join(plain(value).split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


_COURSE = Text("Curso", "Course")
_ATTEMPT = Text("Intento", "Attempt")
_WHEN = Text("Fecha (UTC)", "Graded (UTC)")
_ENGINE = Text("Motor", "Engine")
_VERDICTS = {
    Validity.VALID: Text(
        es="Válido: el recibo está firmado por el curso (clave {fingerprint}) y nada en él ha cambiado.",
        en="Valid: the course signed this receipt (key {fingerprint}) and nothing in it has changed.",
    ),
    Validity.UNCONFIRMED: Text(
        es="Coherente, pero sin probar: nada ha cambiado desde que se firmó, pero de quién es la clave tienes que compararlo:"
        " su huella es {fingerprint}; dala con --fingerprint tal como la publica tu curso, o su clave con --key.",
        en="Consistent, but not proven: nothing has changed since it was signed, but whose key it is you must compare:"
        " its fingerprint is {fingerprint}; give the one that your course publishes with --fingerprint, or its key with --key.",
    ),
    Validity.ALTERED: Text(
        es="No válido: el recibo se ha modificado después de firmarse, o su firma es falsa; pide de nuevo el original.",
        en="Not valid: the receipt was altered after it was signed, or its signature is wrong; ask for the original again.",
    ),
    Validity.OTHER_KEY: Text(
        es="No válido: el recibo está firmado con otra clave ({fingerprint}), no con la del curso.",
        en="Not valid: the receipt was signed by another key ({fingerprint}) than the course's.",
    ),
    Validity.OTHER_NOTEBOOK: Text(
        es="No válido para este cuaderno: no es el que se calificó. Da el mismo archivo que entregaste; abrirlo y guardarlo"
        " ya lo cambia.",
        en="Not valid for this notebook: it is not the one that was graded. Give the very file that you handed in; opening"
        " and saving it changes it.",
    ),
    Validity.UNREADABLE: Text(
        es="No válido: el archivo no se puede leer como recibo; está dañado, incompleto o es de otra versión de autograder.",
        en="Not valid: the file cannot be read as a receipt; it is damaged, cut short, or of another version of autograder.",
    ),
}
_SAME_NOTEBOOK = Text(es="El cuaderno es el que se calificó.", en="The notebook is the one that was graded.")
_NO_NOTEBOOK = Text(
    es="No se ha comparado ningún cuaderno; nómbralo tras el recibo.",
    en="No notebook was compared; name it after the receipt.",
)
