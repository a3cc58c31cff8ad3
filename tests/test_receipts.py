"""Signed receipts: what is proven, what is not, and what a hostile file or a careless key cannot do."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import feedback, receipts
from autograder.errors import CourseError, EngineError, UsageError
from autograder.files import read_regular
from autograder.intake import collect
from autograder.keys import (
    FOLDER,
    PRIVATE,
    VARIABLE,
    CourseKey,
    course_key,
    fingerprint,
    has_fingerprint,
    public_path,
    read_fingerprint,
    read_public,
)
from autograder.receipts import MAX_BYTES, Validity, check, issue, write
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.text import LANGUAGES, Language, Text

NOTEBOOK = b'{"cells": []}'
AT = datetime(2026, 11, 27, 18, 1, 13, 999_999, UTC)
KEY = CourseKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), Path("receipt-key.pem"))
OTHER = CourseKey(Ed25519PrivateKey.from_private_bytes(bytes(32)), Path("other.pem"))
REPORT = Report(
    "Ana Ñandú",
    "01_mse",
    Status.GRADED,
    (CheckResult("01_mse.shape", "mse", Outcome.PASSED, 7.5, Text("", ""), Text("", "")),),
    submission_sha256=hashlib.sha256(NOTEBOOK).hexdigest(),
    grader_sha256="c0ffee00" * 8,
    max_score=10.0,
)


def issued(report: Report = REPORT, *, attempt: int = 1, at: datetime = AT, key: CourseKey = KEY) -> bytes:
    return issue(report, course_id="intro", attempt=attempt, at=at, key=key)


RECEIPT = issued()


def signed(record: Any, key: CourseKey = KEY) -> bytes:
    """A receipt file of any content, signed as the format says and not by the code under test."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    signature = key.private.sign(text.encode())
    document = {
        "receipt": record,
        "key": base64.b64encode(key.public).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def with_record(**changes: Any) -> bytes:
    return signed({**json.loads(RECEIPT)["receipt"], **changes})


def verdict(data: bytes, notebook: bytes | None = NOTEBOOK) -> Validity:
    return check(data, notebook=notebook, public_key=KEY.public).validity


# --- what is proven --------------------------------------------------------------------------------------------------


def test_an_issued_receipt_is_valid_for_its_notebook_and_says_what_was_graded() -> None:
    found = check(RECEIPT, notebook=NOTEBOOK, public_key=KEY.public)
    assert found.validity is Validity.VALID
    assert found.fingerprint == KEY.fingerprint
    assert found.receipt == receipts.Receipt(
        schema=1,
        course="intro",
        student="Ana Ñandú",
        assignment="01_mse",
        submission_sha256=REPORT.submission_sha256,
        grader_sha256=REPORT.grader_sha256,
        engine=metadata.version("autograder"),
        status="graded",
        score=7.5,
        max_score=10.0,
        attempt=1,
        graded_at="2026-11-27T18:01:13Z",
    )


def test_another_program_can_check_the_signature() -> None:
    document = json.loads(RECEIPT)
    text = json.dumps(document["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(document["key"]))
    key.verify(base64.b64decode(document["signature"]), text.encode())
    assert document.keys() == {"receipt", "key", "signature"}


def test_the_same_grading_gives_the_same_receipt_and_another_attempt_another() -> None:
    assert issued() == RECEIPT
    assert issued(attempt=2) != RECEIPT
    assert issued(at=AT.astimezone(timezone(timedelta(hours=-5)))) == RECEIPT


def test_a_graded_notebook_from_a_zip_is_valid_for_the_file_that_was_handed_in(tiny: Any, tmp_path: Path) -> None:
    notebook = tmp_path / "90_tiny.ipynb"
    notebook.write_text(nbformat.writes(tiny.notebook()), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(notebook, "ana/90_tiny/90_tiny.ipynb")
    (handed,) = collect([tmp_path / "all.zip"], tiny.course.names, None)
    assert handed.data is not None
    report = tiny.engine.grade(handed.data, handed.assignment, handed.student)
    (path,) = write([(report, 1, AT)], tmp_path / "receipts", course_id="tiny", key=KEY).values()
    found = check(path.read_bytes(), notebook=notebook.read_bytes(), public_key=KEY.public)
    assert found.validity is Validity.VALID
    assert found.receipt is not None
    assert (found.receipt.student, found.receipt.score, found.receipt.max_score) == ("ana", 10.0, 10.0)
    assert found.receipt.grader_sha256 == tiny.course.assignment("90_tiny").grader_sha256


def test_a_rejected_submission_has_a_receipt_too() -> None:
    report = replace(REPORT, status=Status.REJECTED, checks=(), grader_sha256="", assignment="")
    assert verdict(issued(report)) is Validity.VALID


@pytest.mark.parametrize(
    "make",
    [
        lambda: issued(replace(REPORT, submission_sha256="")),
        lambda: issued(attempt=0),
        lambda: issued(at=AT.replace(tzinfo=None)),
    ],
    ids=["no submission", "attempt 0", "no time zone"],
)
def test_what_cannot_be_said_is_not_signed(make: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="a receipt needs"):
        make()


@settings(deadline=None)
@given(st.text(), st.text(max_size=20), st.integers(1, 10**6))
def test_any_name_gives_a_receipt_that_is_valid_and_small(student: str, assignment: str, attempt: int) -> None:
    report = replace(REPORT, student=student, assignment=assignment)
    data = issued(report, attempt=attempt)
    assert verdict(data) is Validity.VALID
    assert len(issued(replace(report, student=(student + "\U0001f600") * 500))) < MAX_BYTES // 4


# --- what is not -----------------------------------------------------------------------------------------------------


def test_no_bit_can_be_flipped() -> None:
    for place in range(len(RECEIPT)):
        for bit in range(8):
            data = bytearray(RECEIPT)
            data[place] ^= 1 << bit
            found = verdict(bytes(data))
            assert found in (Validity.ALTERED, Validity.UNREADABLE), (place, bit)


@settings(deadline=None)
@given(st.data())
def test_no_byte_can_be_replaced_inserted_or_left_out(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(RECEIPT) - 2))
    new = data.draw(st.binary(max_size=3).filter(lambda new: new != RECEIPT[place : place + 1]))
    altered = RECEIPT[:place] + new + RECEIPT[place + 1 :]
    # A carriage return that lands before a line feed is the one change that is forgiven.
    if altered.replace(b"\r\n", b"\n") != RECEIPT:
        assert check(altered).validity in (Validity.ALTERED, Validity.UNREADABLE)


@pytest.mark.parametrize("length", [0, 1, 100, len(RECEIPT) - 2])
def test_a_receipt_cut_short_is_unreadable(length: int) -> None:
    assert verdict(RECEIPT[:length]) is Validity.UNREADABLE


def test_line_ends_may_change_as_they_do_in_mail() -> None:
    assert verdict(RECEIPT.replace(b"\n", b"\r\n")) is Validity.VALID
    assert verdict(RECEIPT.removesuffix(b"\n")) is Validity.VALID


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"score": 7.5', b'"score": 10.0'),
        (b'"score": 7.5', b'"score": 10.0,\n  "score": 7.5'),
        (b'"score": 7.5', b'"score": 75e-1'),
        (b'"attempt": 1', b'"attempt":  1'),
        ("Ñ".encode(), b"\\u00d1"),
        ("Ñ".encode(), b"\\ud800"),
        (b'"score": 7.5', b'"score": 1e999'),
    ],
    ids=["mark", "twice", "spelling", "spaces", "escape", "surrogate", "infinite"],
)
def test_neither_a_value_nor_its_spelling_can_be_changed(old: bytes, new: bytes) -> None:
    assert old in RECEIPT
    assert verdict(RECEIPT.replace(old, new)) is Validity.ALTERED


def test_base64_with_stray_bits_is_altered() -> None:
    key = json.loads(RECEIPT)["key"].encode()
    twin = next(
        key[:-2] + bytes([end]) + b"="
        for end in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if end != key[-2] and base64.b64decode(key[:-2] + bytes([end]) + b"=") == base64.b64decode(key)
    )
    assert verdict(RECEIPT.replace(key, twin)) is Validity.ALTERED


def test_a_receipt_of_another_key_is_not_the_courses() -> None:
    forged = issued(key=OTHER)
    assert verdict(forged) is Validity.OTHER_KEY
    assert check(forged, digits=read_fingerprint(KEY.fingerprint)).validity is Validity.OTHER_KEY
    assert check(forged, public_key=KEY.public).receipt is None


def test_the_key_in_the_file_alone_proves_nothing() -> None:
    found = check(issued(key=OTHER), notebook=NOTEBOOK)
    assert found.validity is Validity.UNCONFIRMED
    for language in LANGUAGES:
        assert OTHER.fingerprint in found.lines(language)[0]


def test_the_courses_key_cannot_be_pasted_into_a_forged_receipt() -> None:
    document = json.loads(issued(key=OTHER)) | {"key": json.loads(RECEIPT)["key"]}
    assert verdict((json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()) is Validity.ALTERED


def test_another_notebook_is_not_the_one_graded() -> None:
    assert verdict(RECEIPT, NOTEBOOK + b"\n") is Validity.OTHER_NOTEBOOK
    assert verdict(RECEIPT, b"") is Validity.OTHER_NOTEBOOK
    assert verdict(RECEIPT, None) is Validity.VALID


@pytest.mark.parametrize(
    "changes",
    [{"schema": 2}, {"status": "excellent"}, {"attempt": 1.0}, {"attempt": True}, {"score": 7}, {"bonus": 1}],
    ids=str,
)
def test_a_record_of_another_shape_is_unreadable_even_when_signed(changes: dict[str, Any]) -> None:
    assert verdict(with_record()) is Validity.VALID
    assert verdict(with_record(**changes)) is Validity.UNREADABLE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"[" * 10_000,
        b"1" * 10_000,
        RECEIPT + b" " * MAX_BYTES,
        b'{"receipt": [], "key": "", "signature": ""}',
        b'{"receipt": {}, "key": "", "signature": ""}',
        b'{"receipt": {}, "key": 1, "signature": []}',
        '{"receipt": {}, "key": "ñ", "signature": ""}'.encode(),
    ],
    ids=range(12),
)
def test_what_is_no_receipt_is_unreadable(data: bytes) -> None:
    assert verdict(data) is Validity.UNREADABLE


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.binary() | st.builds(lambda value: json.dumps(value).encode(), _JSON))
def test_no_bytes_raise(data: bytes) -> None:
    assert verdict(data) is Validity.UNREADABLE


@settings(deadline=None)
@given(_JSON, st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_no_document_of_the_right_shape_raises(record: Any, key: bytes, signature: bytes) -> None:
    coded = [base64.b64encode(each).decode() for each in (key, signature)]
    document = {"receipt": {"x": record}, "key": coded[0], "signature": coded[1]}
    for ascii_only in (True, False):
        data = json.dumps(document, indent=1, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        assert check(data).validity in (Validity.ALTERED, Validity.UNREADABLE)


# --- words -----------------------------------------------------------------------------------------------------------

HOSTILE = "=cmd|' /C calc'!A0\x1b]0;owned\x07\x1b[2J\r\n\u202eevil\x00\u2028{0}{fingerprint}" + "x" * 5000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_words_of_its_own(language: Language) -> None:
    found = {
        check(RECEIPT, notebook=NOTEBOOK, public_key=KEY.public),
        check(RECEIPT, notebook=NOTEBOOK),
        check(RECEIPT, notebook=b"", public_key=KEY.public),
        check(RECEIPT.replace(b"7.5", b"9.5")),
        check(RECEIPT, public_key=OTHER.public),
        check(b""),
    }
    assert {one.validity for one in found} == set(Validity)
    sentences = {one.lines(language)[0] for one in found}
    assert len(sentences) == len(Validity)
    assert not any("{" in sentence for sentence in sentences)


def test_nothing_is_shown_of_a_receipt_that_is_not_to_be_believed() -> None:
    for data, key in ((RECEIPT.replace(b"7.5", b"9.5"), KEY), (RECEIPT, OTHER), (b"", KEY)):
        assert len(check(data, public_key=key.public).lines("en")) == 1


def test_spanish_writes_a_decimal_comma() -> None:
    shown = {language: "\n".join(check(RECEIPT).lines(language)) for language in LANGUAGES}
    assert "7,5 de 10 (calificada)" in shown["es"]
    assert "7.5 of 10 (graded)" in shown["en"]


@pytest.mark.parametrize(
    "data", [issued(replace(REPORT, student=HOSTILE)), with_record(student=HOSTILE, course=HOSTILE)]
)
def test_a_name_steers_no_terminal(data: bytes) -> None:
    lines = check(data, public_key=KEY.public).lines("en")
    assert len(lines) == 10
    assert all(unicodedata.category(char)[0] != "C" for line in lines for char in line)
    assert max(map(len, lines[1:])) < 150
    student = next(line for line in lines if line.startswith("  Student "))
    # Behind its label it is no formula, and braces in it are no places to fill in.
    assert "=cmd|" in student


# --- files -----------------------------------------------------------------------------------------------------------


def test_receipts_are_written_beside_the_pages_under_the_same_names(tmp_path: Path) -> None:
    reports = [replace(REPORT, student=name) for name in ("ana", "../../etc/passwd", "Ana", "\ud800/\x00", HOSTILE)]
    paths = write([(report, 3, AT) for report in reports], tmp_path / "receipts", course_id="intro", key=KEY)
    pages = feedback.write(reports, tmp_path / "feedback", "es")
    assert [path.stem for path in paths.values()] == [page.stem for page in pages.values()]
    assert sorted(paths.values()) == sorted((tmp_path / "receipts").iterdir())
    assert paths["ana", "01_mse"] == tmp_path / "receipts" / "ana.01_mse.json"
    for path in paths.values():
        found = check(path.read_bytes(), notebook=NOTEBOOK, public_key=KEY.public)
        assert found.validity is Validity.VALID
        assert found.receipt is not None
        assert found.receipt.attempt == 3


def test_where_nothing_was_handed_in_there_is_no_receipt(tmp_path: Path) -> None:
    assert write([(replace(REPORT, submission_sha256=""), 1, AT)], tmp_path, course_id="intro", key=KEY) == {}
    assert not list(tmp_path.iterdir())


def test_a_receipt_replaces_the_older_one_and_follows_no_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    folder = tmp_path / "receipts"
    folder.mkdir()
    (folder / "ana.01_mse.json").symlink_to(secret)
    (path,) = write([(replace(REPORT, student="ana"), 1, AT)], folder, course_id="intro", key=KEY).values()
    assert secret.read_text() == "mine"
    assert not path.is_symlink()


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="Not a regular file"):
        read_regular(tmp_path / "fifo", 10)


# --- the course's key ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def pem(private: Any, password: bytes | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    made: bytes = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    return made


def put_key(root: Path, data: bytes = b"", mode: int = 0o600) -> Path:
    (root / FOLDER).mkdir(exist_ok=True)
    path = root / FOLDER / PRIVATE
    path.write_bytes(data or pem(KEY.private))
    path.chmod(mode)
    return path


def test_the_key_is_made_once_for_its_owner_alone_with_its_public_half(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        key = course_key(tmp_path)
    finally:
        os.umask(previous)
    again = course_key(tmp_path)
    assert (key.created, again.created) == (True, False)
    assert key.public == again.public == read_public(tmp_path / FOLDER / "receipt-key.pub")
    assert (tmp_path / FOLDER / PRIVATE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (tmp_path / FOLDER).iterdir()) == [
        ".gitignore",
        "receipt-key.pem",
        "receipt-key.pub",
    ]
    assert "PRIVATE" not in (tmp_path / FOLDER / "receipt-key.pub").read_text()


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed after making the folder"])
def test_git_never_sees_the_key(killed: bool, tmp_path: Path) -> None:
    if killed:
        (tmp_path / FOLDER).mkdir()
    course_key(tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run(["git", "add", "--all", "--dry-run"], cwd=tmp_path, check=True, capture_output=True)
    assert done.stdout == b""


def test_student_code_does_not_reach_the_key(tiny: Any, desk: Callable[..., Any]) -> None:
    path = course_key(tiny.course.root).path
    assert path.exists()
    (run_,) = desk(f"open({str(path)!r}).read()").runs
    assert run_.problem is not None
    assert "PRIVATE" not in str(run_)


def test_graders_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    for round_ in range(10):
        root = tmp_path / str(round_)
        root.mkdir()
        with ThreadPoolExecutor(8) as executor:
            made = list(executor.map(course_key, [root] * 8))
        assert len({key.public for key in made}) == 1
        assert sum(key.created for key in made) == 1
        assert len(list((root / FOLDER).iterdir())) == 3


def test_the_environment_names_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv(VARIABLE, str(kept / "mine"))
    key = course_key(tmp_path / "course")
    assert key.path == kept / "mine"
    assert read_public(kept / "mine.pub") == key.public
    assert not (tmp_path / "course").exists()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing" / "mine.pem"))
    with pytest.raises(EngineError, match=f"No such file or directory.*{VARIABLE}"):
        course_key(tmp_path)


def test_the_public_half_never_takes_the_private_ones_place() -> None:
    for name in ("a.pem", "a.pub", "a", ".pem"):
        assert public_path(Path(name)) != Path(name)


def test_a_wrong_public_half_is_put_right(tmp_path: Path) -> None:
    public = public_path(put_key(tmp_path))
    public.symlink_to(tmp_path / "elsewhere")
    course_key(tmp_path)
    assert read_public(public) == KEY.public
    assert not public.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_a_key_that_others_have_access_to_is_refused(tmp_path: Path, mode: int) -> None:
    path = put_key(tmp_path, mode=mode)
    with pytest.raises(CourseError, match=rf"mode {mode:04o}.*chmod 600 .*{PRIVATE}"):
        course_key(tmp_path)
    path.chmod(0o600)
    assert course_key(tmp_path).public == KEY.public


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\0", "damaged"),
        (pem(KEY.private)[:60], "damaged"),
        (b"x" * 100_000, "damaged"),
        (pem(KEY.private, b"secret"), "password"),
        (pem(generate_private_key(SECP256R1())), "Ed25519"),
    ],
    ids=["junk", "cut", "large", "locked", "kind"],
)
def test_a_key_that_cannot_be_used_is_said_and_kept(tmp_path: Path, data: bytes, words: str) -> None:
    path = put_key(tmp_path, data)
    with pytest.raises(CourseError, match=words) as caught:
        course_key(tmp_path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == data


def test_links_and_other_things_are_no_key(tmp_path: Path) -> None:
    real = put_key(tmp_path).rename(tmp_path / "real.pem")
    path = tmp_path / FOLDER / PRIVATE
    path.symlink_to(real)
    with pytest.raises(CourseError, match="it is a link"):
        course_key(tmp_path)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CourseError, match="it is a link"):
        course_key(tmp_path)
    assert not (tmp_path / "nowhere").exists()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CourseError, match="Not a regular file"):
        course_key(tmp_path)


@pytest.mark.parametrize("kind", ["link", "file"])
def test_the_keys_folder_must_be_a_folder(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    if kind == "link":
        (tmp_path / FOLDER).symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / FOLDER).write_text("")
    with pytest.raises(CourseError, match="must be a folder, not a link or file"):
        course_key(tmp_path)
    assert not list((tmp_path / "elsewhere").iterdir())


@contextmanager
def sealed(folder: Path) -> Iterator[None]:
    """Inside, this process may read `folder` and not write to it; root becomes nobody for that while."""
    user = os.geteuid()
    folder.chmod(0o555)
    if user == 0:
        for path in folder.iterdir():
            os.chown(path, 65534, -1)
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="autograder-key-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_mounted_secret_needs_no_room_for_its_public_half(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course_key(tmp_path)
    path = open_folder / "secret.pem"
    path.write_bytes(pem(KEY.private))
    path.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(path))
    with sealed(open_folder):
        assert course_key(tmp_path).public == KEY.public
    assert list(open_folder.iterdir()) == [path]


def test_a_key_that_cannot_be_made_is_said(open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course_key(tmp_path)
    monkeypatch.setenv(VARIABLE, str(open_folder / "secret.pem"))
    with sealed(open_folder), pytest.raises(EngineError, match="could not be made"):
        course_key(tmp_path)
    assert not list(open_folder.iterdir())


def test_a_fingerprint_is_short_grouped_and_typed_in_any_way() -> None:
    digest = hashlib.sha256(KEY.public).hexdigest()
    assert fingerprint(KEY.public) == f"{digest[:4]} {digest[4:8]} {digest[8:12]} {digest[12:16]}"
    for typed in (KEY.fingerprint, KEY.fingerprint.upper().replace(" ", ":"), digest):
        assert has_fingerprint(KEY.public, read_fingerprint(typed))
        assert not has_fingerprint(OTHER.public, read_fingerprint(typed))


@pytest.mark.parametrize("typed", ["", "70d6", "70d6 79c1 4b80 754", "g" * 16, "0" * 65])
def test_too_short_a_fingerprint_is_none(typed: str) -> None:
    with pytest.raises(UsageError, match="16 hex digits"):
        read_fingerprint(typed)


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder.cli", "receipt", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.fixture
def desk_top(tmp_path: Path) -> Path:
    """What a student has: receipt, notebook and the course's public key, and no course."""
    put_key(tmp_path)
    course_key(tmp_path)
    (tmp_path / FOLDER / "receipt-key.pub").rename(tmp_path / "receipt-key.pub")
    shutil.rmtree(tmp_path / FOLDER)
    (tmp_path / "r.json").write_bytes(RECEIPT)
    (tmp_path / "forged.json").write_bytes(issued(key=OTHER))
    (tmp_path / "altered.json").write_bytes(RECEIPT.replace(b"7.5", b"9.5"))
    (tmp_path / "ana.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "other.ipynb").write_bytes(NOTEBOOK + b" ")
    (tmp_path / "junk").write_bytes(b"\0" * 100_000)
    return tmp_path


TRUST = ("--key", "receipt-key.pub")


@pytest.mark.parametrize(
    ("arguments", "code", "es", "en"),
    [
        (("r.json", "ana.ipynb", *TRUST), 0, "El cuaderno es el que se calificó.", "is the one that was graded."),
        (("r.json", *TRUST), 0, "Válido: el recibo está firmado", "Valid: the course signed"),
        (("r.json", "ana.ipynb", "--fingerprint", KEY.fingerprint), 0, "Válido:", "Valid:"),
        (("r.json", "ana.ipynb"), 1, "Coherente, pero sin probar", "Consistent, but not proven"),
        (("r.json", "other.ipynb", *TRUST), 1, "No válido para este cuaderno", "Not valid for this notebook"),
        (("r.json", "junk", *TRUST), 1, "No válido para este cuaderno", "Not valid for this notebook"),
        (("altered.json", *TRUST), 1, "se ha modificado", "was altered"),
        (("forged.json", *TRUST), 1, "con otra clave", "by another key"),
        (("forged.json", "--fingerprint", KEY.fingerprint), 1, "con otra clave", "by another key"),
        (("junk", *TRUST), 1, "no se puede leer", "cannot be read"),
    ],
    ids=range(10),
)
def test_one_command_tells_a_student(arguments: tuple[str, ...], code: int, es: str, en: str, desk_top: Path) -> None:
    for language, words in (("es", es), ("en", en)):
        done = run(*arguments, "--lang", language, cwd=desk_top)
        assert (done.returncode, done.stderr) == (code, "")
        assert words in done.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name a receipt"),
        (("nowhere.json",), "nowhere.json could not be read (No such file or directory)"),
        ((".",), "Not a regular file"),
        (("r.json", "nowhere.ipynb"), "nowhere.ipynb could not be read"),
        (("r.json", "--key", "nowhere.pub"), "name the course's public key"),
        (("r.json", "--key", "ana.ipynb"), "is not the public key of a course"),
        (("r.json", "--fingerprint", "abc"), "16 hex digits"),
        (("r.json", "--course", "."), "name the course's public key"),
        (("r.json", *TRUST, "--fingerprint", KEY.fingerprint), "--key and --fingerprint both"),
        (("r.json", "--lang", "fr"), "--lang"),
    ],
    ids=range(10),
)
def test_wrong_usage_is_told_in_one_line_and_ends_with_2(
    arguments: tuple[str, ...], words: str, desk_top: Path
) -> None:
    done = run(*arguments, cwd=desk_top)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_private_key_is_not_taken_for_the_public_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not the public key"):
        read_public(put_key(tmp_path))


def test_an_instructor_sees_the_fingerprint_to_publish_and_checks_by_the_course(tmp_path: Path) -> None:
    put_key(tmp_path)
    course_key(tmp_path)
    (tmp_path / "r.json").write_bytes(RECEIPT)
    shown = run("--course", tmp_path, cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (0, KEY.fingerprint + "\n")
    assert run("r.json", "--course", tmp_path, cwd=tmp_path).returncode == 0


GUARD = """
import sys
def watch(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(event)
sys.addaudithook(watch)
from autograder.cli import cli
try:
    cli.main({arguments!r}, standalone_mode=False)
except SystemExit as done:
    assert done.code == 0, done.code
heavy = {heavy!r} & sys.modules.keys()
assert not heavy, heavy
"""
HEAVY = {"numpy", "tensorflow", "keras", "IPython", "nbgrader", "nbformat", "rich", "pytest", "sqlalchemy", "jinja2"}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["receipt", "--help"], HEAVY | {"cryptography"}),
        (["receipt", "r.json", "ana.ipynb", *TRUST], HEAVY),
    ],
    ids=["help", "check"],
)
def test_the_command_is_light_and_offline(arguments: list[str], heavy: set[str], desk_top: Path) -> None:
    program = GUARD.format(arguments=arguments, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", program], cwd=desk_top, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout
