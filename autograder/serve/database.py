"""The database: opened with the settings under which nothing is lost, brought to today's tables by migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from autograder.errors import UsageError

_MIGRATIONS = Path(__file__).parent / "migrations"


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time; always with its zone in Python, always UTC in the database (SQLite knows no zones)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=UTC)


class Database:
    """Sessions on one database; safe to share between threads, not between processes.

    Args:
        url: SQLAlchemy URL; a plain `postgresql://` is reached by psycopg.

    Raises:
        UsageError: the URL is none, or of a kind that is not supported.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise UsageError(
                "AUTOGRADER_DATABASE is no database URL: give one like sqlite:////srv/service.db."
            ) from error
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise UsageError(
                f"AUTOGRADER_DATABASE names {parsed.drivername}: only sqlite and postgresql are supported."
            )
        self.url = parsed
        self.engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        self._turn: AbstractContextManager[object] = nullcontext()
        if parsed.get_backend_name() == "sqlite":
            _prepare_sqlite(self.engine)
            # SQLite's own waiting is sleeping and looking again, up to a tenth of a second each time and in no order: of fifty
            # threads that write at once the last would wait for seconds.
            self._turn = Lock()
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction: everything in it is on the disk when the block ends, or nothing is.

        On SQLite it holds the write lock from its start, so reading first and writing then is safe; elsewhere rows that decide a
        write are to be read `with_for_update`.
        """
        with self._turn, self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading only; what is changed in it is not kept."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest version; to be called once, before workers start.

        Raises:
            UsageError: the database cannot be reached, or was made by a newer version.
        """
        from alembic import command
        from alembic.util import CommandError
        from sqlalchemy.exc import OperationalError

        try:
            with self.engine.begin() as connection:
                configuration = alembic_configuration()
                configuration.attributes["connection"] = connection
                command.upgrade(configuration, "head")
        except CommandError as error:
            raise UsageError(
                f"The database is not of this version ({error}): install the newer autograder again."
            ) from error
        except OperationalError as error:
            shown = self.url.render_as_string(hide_password=True)
            raise UsageError(
                f"The database {shown} cannot be used ({error.orig}): check AUTOGRADER_DATABASE."
            ) from error

    def current(self) -> bool:
        """Whether the tables are those of this version.

        Raises:
            DBAPIError: the database cannot be reached.
        """
        from alembic.migration import MigrationContext

        with self.read() as session:
            return MigrationContext.configure(session.connection()).get_current_revision() == _newest()

    def check(self) -> None:
        """For processes that do not migrate.

        Raises:
            UsageError: the database cannot be reached, or has other tables than this version's.
        """
        shown = self.url.render_as_string(hide_password=True)
        try:
            current = self.current()
        except DBAPIError as error:
            raise UsageError(
                f"The database {shown} cannot be used ({error.orig}): check AUTOGRADER_DATABASE."
            ) from error
        if not current:
            raise UsageError(
                f"The database {shown} is not of this version: start `autograder serve` once, which updates it."
            )

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def alembic_configuration() -> Any:
    """Alembic's configuration for our migrations, without a file of its own."""
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    return configuration


@cache
def _newest() -> str | None:
    """The version that these migrations lead to."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_configuration()).get_current_head()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late; ours begin where SQLAlchemy says so, below.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
