"""What has been graded, kept as it is finished, so that neither a crash nor a second run repeats or loses any of it.

One SQLite file beside the results. `verdicts` knows no names: its keys are made of all that decides a verdict, so equal files
of two students are graded once, and grading again after a change runs only what the change touches. `records` says which
verdict was last given out for which student's submission, `made` of what a file of the results was made.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from types import TracebackType
from typing import Any

from autograder.errors import EngineError, UsageError
from autograder.records import CellRun, Report

NAME = "journal.db"
_VERSION = 1
_TABLES = """\
CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, seal TEXT NOT NULL, report BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS cells (key TEXT PRIMARY KEY, seal TEXT NOT NULL, cells BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS records (
    student TEXT NOT NULL, assignment TEXT NOT NULL, submission_sha256 TEXT NOT NULL,
    attempt INTEGER NOT NULL, recorded_at TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL, score REAL NOT NULL,
    PRIMARY KEY (student, assignment, submission_sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS made (name TEXT PRIMARY KEY, made_of TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Record:
    """What was last given out for one submission of one student."""

    attempt: int
    """Which of the student's different submissions for the assignment it is, from 1."""
    recorded_at: str
    """UTC, ISO 8601, in seconds; of the verdict that stands, so giving out the same again does not move it."""
    digest: str
    """Of the verdict (`digest_of`)."""
    status: str
    score: float


@dataclass(frozen=True)
class Change:
    """A verdict that differs from the one last given out for the same bytes of the same student."""

    student: str
    assignment: str
    before: float
    after: float
    status_before: str
    status_after: str

    @property
    def gain(self) -> float:
        """Points won; negative for lost ones."""
        return round(self.after - self.before, 2)


class Journal:
    """The journal in one results folder; use it as a context manager, from one thread.

    A file that is no journal, or a damaged one, is set aside under another name and said in `remark`; what it held is graded
    again. A damaged entry counts as missing.

    Args:
        folder: made when missing.

    Raises:
        EngineError: the folder cannot be written, its disk is full, or another grader holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.remark: str | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(f"{folder} could not be made ({error.strerror}); name another folder.") from error
        try:
            self._db = self._open()
        except sqlite3.OperationalError as error:
            raise self._fault(error) from error
        except sqlite3.DatabaseError:
            aside = self.path.with_name(f"{NAME}.damaged-{secrets.token_hex(4)}")
            self.path.rename(aside)
            self.remark = f"{self.path} was damaged and is now {aside.name}; what it held is graded again."
            self._db = self._open()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def find(self, key: str) -> Report | None:
        """The verdict kept under `key`, without a student's name and without cells; `None` when there is none to be trusted."""
        kept = self._kept("verdicts", "report", key)
        try:
            return Report.from_dict(kept) if kept is not None else None
        except (KeyError, TypeError, ValueError):
            # Sealed by a version that had other fields, and did not know that they would change.
            return None

    def cells(self, key: str) -> tuple[CellRun, ...]:
        """The cells of the verdict kept under `key`; none when they cannot be trusted. They make most of it, so they lie apart."""
        kept = self._kept("cells", "cells", key)
        try:
            return tuple(map(CellRun.from_dict, kept)) if kept is not None else ()
        except (KeyError, TypeError, ValueError):
            return ()

    def keep(self, key: str, report: Report) -> None:
        """Keep a verdict; it is on the disk when this returns.

        Raises:
            EngineError: it could not be written; what was kept before stays.
        """
        bare = json.dumps(asdict(replace(report, student="", cells=()))).encode()
        cells = json.dumps([asdict(run) for run in report.cells]).encode()
        with self._told():
            # One transaction: a verdict whose cells are missing would give a page without them for ever.
            self._db.execute("INSERT OR REPLACE INTO cells VALUES (?, ?, ?)", (key, _seal(key, cells), cells))
            self._db.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", (key, _seal(key, bare), bare))
            self._db.commit()

    def seconds(self) -> dict[str, float]:
        """What a submission of each assignment took on average, by the verdicts kept last."""
        with self._told():
            keys = self._db.execute("SELECT key FROM verdicts ORDER BY rowid DESC LIMIT 200").fetchall()
        taken: dict[str, list[float]] = {}
        for report in filter(None, (self.find(key) for (key,) in keys)):
            taken.setdefault(report.assignment, []).append(report.seconds)
        return {name: fmean(each) for name, each in taken.items()}

    def record(self, report: Report) -> Record | None:
        """What was last given out for this student and these bytes; `None` when nothing was."""
        query = "SELECT attempt, recorded_at, digest, status, score FROM records"
        with self._told():
            row = self._db.execute(f"{query} WHERE {_SAME}", _owner(report)).fetchone()
        return Record(*row) if row else None

    def changes(self, reports: Iterable[Report]) -> list[Change]:
        """Who would gain and who lose by these verdicts, those who lose most first."""
        found = []
        for report in reports:
            known = self.record(report)
            if known is not None and (known.score, known.status) != (report.score, report.status.value):
                owner = report.student, report.assignment
                found.append(Change(*owner, known.score, report.score, known.status, report.status.value))
        return sorted(found, key=lambda change: (change.gain, change.student, change.assignment))

    def give_out(self, report: Report, at: str, digest: str) -> Record:
        """Note that `report`, whose `digest_of` is `digest`, is given out at `at` (UTC, ISO 8601); the record that then stands.

        Raises:
            EngineError: it could not be written.
        """
        known = self.record(report)
        if known is not None and known.digest == digest:
            return known
        new = Record(
            known.attempt if known else self._next_attempt(report), at, digest, report.status.value, report.score
        )
        row = (*_owner(report), new.attempt, at, digest, new.status, new.score)
        self._write("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return new

    def made(self, name: str) -> str | None:
        """Of what the file `name` of the results was made; `None` where that is not known."""
        with self._told():
            row = self._db.execute("SELECT made_of FROM made WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def note_made(self, name: str, made_of: str) -> None:
        """Note of what the file `name` has been made.

        Raises:
            EngineError: it could not be written.
        """
        self._write("INSERT OR REPLACE INTO made VALUES (?, ?)", (name, made_of))

    def _kept(self, table: str, column: str, key: str) -> Any:
        """The JSON kept under `key`; `None` when there is none, or its seal is broken."""
        with self._told():
            row = self._db.execute(f"SELECT seal, {column} FROM {table} WHERE key = ?", (key,)).fetchone()
        if row is None or not isinstance(row[1], bytes) or row[0] != _seal(key, row[1]):
            return None
        try:
            return json.loads(row[1])
        except ValueError:
            return None

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        """Run one statement; it is on the disk when this returns."""
        with self._told():
            self._db.execute(statement, values)
            self._db.commit()

    def _next_attempt(self, report: Report) -> int:
        query = "SELECT count(*) FROM records WHERE student = ? AND assignment = ?"
        with self._told():
            return 1 + int(self._db.execute(query, (report.student, report.assignment)).fetchone()[0])

    def _open(self) -> sqlite3.Connection:
        # The lock is the database's own: it ends with the process, however that ends, and a second grader is told at once.
        db = sqlite3.connect(self.path, timeout=0)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA synchronous = FULL")
            if db.execute("PRAGMA user_version").fetchone()[0] not in (0, _VERSION):
                raise sqlite3.DatabaseError("a journal of another version")
            if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("a damaged journal")
            db.executescript(_TABLES)
            db.execute(f"PRAGMA user_version = {_VERSION}")
            # An exclusive lock is taken with the first write and then kept.
            db.execute("DELETE FROM verdicts WHERE key = ''")
            db.commit()
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.rollback()
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> EngineError:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
            return EngineError(
                f"Another grader is at work on {self.path.parent}: wait until it ends, or name another folder with --out."
            )
        return EngineError(
            f"{self.path} could not be written ({error}): free space or name another folder with --out, then give the same "
            "command again; what is graded already stays."
        )


def verdicts_in(folder: Path, newest: int = 5000) -> list[Report]:
    """The verdicts kept last in a journal that is only looked at, the newest first, without names and cells; damaged ones left out.

    Nothing is written, locked for longer than one reading, or taken from a grader that is at work there.

    Raises:
        UsageError: there is no journal in `folder`.
        EngineError: a grader is at work there, or the file cannot be read as a journal.
    """
    path = folder / NAME
    if not path.is_file():
        raise UsageError(f"There is no {NAME} in {folder}: grade a class first, or name its results with --out.")
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)
        try:
            query = "SELECT key, seal, report FROM verdicts ORDER BY rowid DESC LIMIT ?"
            rows = db.execute(query, (newest,)).fetchall()
        finally:
            db.close()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
            raise EngineError(
                f"A grader is at work on {folder}: wait until it ends, then give the command again."
            ) from error
        raise EngineError(
            f"{path} could not be read as a journal ({error}): grade into this folder again, which puts it right."
        ) from error
    found = []
    for key, seal, content in rows:
        if isinstance(content, bytes) and seal == _seal(key, content):
            # Sealed, but perhaps by a version that had other fields.
            with suppress(KeyError, TypeError, ValueError):
                found.append(Report.from_dict(json.loads(content)))
    return found


_SAME = "student = ? AND assignment = ? AND submission_sha256 = ?"


def _owner(report: Report) -> tuple[str, str, str]:
    return report.student, report.assignment, report.submission_sha256


def digest_of(report: Report) -> str:
    """SHA-256 of what must be equal whenever the same verdict is given out again, whatever the clock said."""
    timeless = replace(
        report, seconds=0.0, cells=(), checks=tuple(replace(check, seconds=0.0) for check in report.checks)
    )
    # Not `asdict`, which copies every part and takes ten times as long.
    return hashlib.sha256(repr(timeless).encode(errors="backslashreplace")).hexdigest()


def _seal(key: str, content: bytes) -> str:
    return hashlib.sha256(key.encode() + b"\0" + content).hexdigest()
