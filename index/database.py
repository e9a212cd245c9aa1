"""Opens a database by URL and brings its tables up to date.

Everything that knows which database engine is underneath stands in this file, so that
another one can follow by its URL.
"""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from index.errors import BusyError, StorageError

log = logging.getLogger(__name__)

# How long a writer waits for another one's transaction; ours hold no transaction
# while they fetch or compute, so anything longer is a stuck process.
BUSY_TIMEOUT_S = 10


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware datetimes, stored in UTC; a naive one is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def open_database(url: str, *, migrations: Path, history: str) -> sa.Engine:
    """Open the database at ``url`` and apply the ``migrations`` that it lacks.

    ``history`` is the table that records what was applied; two packages may share one
    database, each with its own. Raises StorageError, with what to do about it.
    """
    try:
        engine = sa.create_engine(url)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StorageError(
            "the database's URL",
            f"nothing can be opened by it ({error})",
            "Check NEWSBOT_DATABASE, or leave it out: then it is a file in the data folder",
        ) from error
    # Without the password that a URL may hold.
    subject = str(engine.url)
    with storage_errors(subject):
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        _migrate(engine, subject, migrations, history)
        if engine.dialect.name == "sqlite":
            # It writes to the file and lasts, so only now that the file is known to be ours.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    return engine


def _prepare_sqlite(engine: sa.Engine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own transactions start too late for a consistent read; ours are
        # begun below, explicitly.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        # A write transaction takes its lock at once: a read that turned into a write
        # could fail in the middle, after work was done.
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        write = options.get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one consistent state."""
    with storage_errors(str(engine.url)), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction: all of it or nothing."""
    with (
        storage_errors(str(engine.url)),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def storage_errors(subject: str) -> Iterator[None]:
    """Turn the driver's errors into a StorageError that says what to do."""
    try:
        yield
    except DatabaseError as error:
        raise _explain(subject, error) from error
    except OSError as error:
        reason, remedy = _EXPLAINED_OS.get(
            error.errno or 0, (error.strerror or str(error), _CHOOSE_ANOTHER_FOLDER)
        )
        raise StorageError(str(error.filename or subject), reason, remedy) from error


_CHOOSE_ANOTHER_FOLDER = "Make the folder writable, or set NEWSBOT_DATA to another one"
_FREE_SPACE = "Free some space and run the same command again. Nothing that was stored is lost"
_FULL = ("the disk is full", _FREE_SPACE)
_FAULTY = ("the disk cannot be read or written", "Check the disk and its free space")
_READ_ONLY = ("it cannot be written to", _CHOOSE_ANOTHER_FOLDER)
_IN_THE_WAY = (
    "a file stands where a folder should be",
    "Move it away, or set NEWSBOT_DATA to another folder",
)

_EXPLAINED_OS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EIO: _FAULTY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
}

# Marks in the driver's messages, by which alone it tells these apart.
_EXPLAINED = {
    "full": _FULL,
    "readonly": ("the data folder is read-only", _CHOOSE_ANOTHER_FOLDER),
    "unable to open": ("the database cannot be opened", _CHOOSE_ANOTHER_FOLDER),
    "disk i/o error": _FAULTY,
    "malformed": (
        "the database is damaged",
        "Restore it from a copy, or move it away and add the sources again",
    ),
    "not a database": (
        "this file is not a newsbot database",
        "Move it away, or set NEWSBOT_DATA to another folder",
    ),
    "already exists": (
        "this is a database of something else",
        "Move it away, or set NEWSBOT_DATA to another folder",
    ),
}


def _explain(subject: str, error: DatabaseError) -> StorageError:
    message = str(error.orig or error)
    if isinstance(error, OperationalError) and "locked" in message:
        return BusyError(subject, "another newsbot is writing to it", "Wait until it has finished")
    for mark, (reason, remedy) in _EXPLAINED.items():
        if mark in message.lower():
            return StorageError(subject, reason, remedy)
    return StorageError(subject, message)


def _migrate(engine: sa.Engine, subject: str, migrations: Path, history: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        state = MigrationContext.configure(connection, opts={"version_table": history})
        applied = state.get_current_revision()
    if applied == scripts.get_current_head():
        return
    if applied is not None:
        try:
            scripts.get_revision(applied)
        except CommandError as error:
            raise StorageError(
                subject,
                f"this database was written by a newer newsbot (its tables are at {applied!r})",
                "Install that version or a later one, or set NEWSBOT_DATA to another folder",
            ) from error

    # Alembic runs the folder's env.py, which calls run_migrations() below.
    with writing(engine) as connection:
        config.attributes.update(connection=connection, history=history)
        command.upgrade(config, "head")
    log.info("brought the tables in %s up to %s", subject, scripts.get_current_head())


def run_migrations() -> None:
    """What an Alembic env.py calls: migrate on the connection that open_database gave."""
    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], version_table=attributes["history"])
    context.run_migrations()
