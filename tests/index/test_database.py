"""The database as such: its tables, its times, its transactions."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import bot
import index
from bot import chat_tables
from index import tables
from index.database import UTCDateTime, open_database, reading, writing
from index.errors import StorageError
from index.tables import changes, sources

NEWS = Path(index.__file__).parent / "migrations"
CHATS = Path(bot.__file__).parent / "migrations"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    opened = open_database(
        f"sqlite:///{tmp_path / 'news.db'}", migrations=NEWS, history="news_history"
    )
    yield opened
    opened.dispose()


def add_change(connection: sa.Connection, article: int) -> None:
    connection.execute(sa.insert(changes).values(article=article, kind="stored"))


def count(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(changes)) or 0)


@pytest.mark.parametrize(
    ("migrations", "history", "metadata"),
    [
        (NEWS, "news_history", tables.metadata),
        (CHATS, "chats_history", chat_tables.metadata),
    ],
)
def test_migrations_make_the_tables_that_the_code_sees(
    tmp_path: Path, migrations: Path, history: str, metadata: sa.MetaData
) -> None:
    """After all migrations the database has the tables, columns and indexes of the metadata."""
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", migrations=migrations, history=history)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": history, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        assert len(sa.inspect(connection).get_table_names()) > len(metadata.tables)
    engine.dispose()


def test_two_packages_share_one_database(tmp_path: Path) -> None:
    """News and chats live in one file, each with a history of its own, opened again and again."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    for _ in range(2):
        for migrations, history in ((NEWS, "news_history"), (CHATS, "chats_history")):
            open_database(url, migrations=migrations, history=history).dispose()
    engine = sa.create_engine(url)
    found = set(sa.inspect(engine).get_table_names()) - {"sqlite_sequence"}
    engine.dispose()
    assert found == {
        *tables.metadata.tables,
        *chat_tables.metadata.tables,
        "news_history",
        "chats_history",
    }


def test_ids_are_never_used_again(engine: sa.Engine) -> None:
    """A number that a removed row had is not given to another one: citations must not move."""
    with writing(engine) as connection:
        add_change(connection, 1)
        add_change(connection, 2)
        connection.execute(sa.delete(changes))
        add_change(connection, 3)
    with reading(engine) as connection:
        assert list(connection.scalars(sa.select(changes.c.number))) == [3]


def test_times_come_back_as_they_went_in_utc(engine: sa.Engine) -> None:
    """An aware time of any zone comes back as the same moment, in UTC, to the microsecond."""
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    moments = [
        datetime(2024, 5, 6, 1, 2, 3, 456789, tzinfo=kathmandu),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ]
    with writing(engine) as connection:
        for number, moment in enumerate(moments):
            connection.execute(
                sa.insert(sources).values(
                    url=str(number), kind="file", added=moment, due=None, failures=0
                )
            )
    with reading(engine) as connection:
        rows = connection.execute(sa.select(sources).order_by(sources.c.id)).all()
        late = sources.c.added > datetime(2024, 5, 5, 19, 17, 3, tzinfo=UTC)
        assert connection.scalar(sa.select(sa.func.count()).where(late)) == 2
    assert [row.added for row in rows] == moments
    assert {row.added.tzinfo for row in rows} == {UTC}
    assert {row.due for row in rows} == {None}


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive time is an error in the code, not a guess at a zone."""
    with pytest.raises(ValueError, match="without a zone"):
        UTCDateTime().process_bind_param(
            datetime(2024, 5, 6), sa.create_engine("sqlite://").dialect
        )


def test_reading_sees_one_state(engine: sa.Engine) -> None:
    """What another thread commits meanwhile is not seen before the reading is over."""
    with writing(engine) as connection:
        add_change(connection, 1)

    def write() -> None:
        with writing(engine) as connection:
            add_change(connection, 2)

    with reading(engine) as connection:
        assert count(connection) == 1
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert count(connection) == 1
    with reading(engine) as connection:
        assert count(connection) == 2


def test_an_error_rolls_everything_back(engine: sa.Engine) -> None:
    """A transaction that fails leaves nothing, and the next one works."""

    def fail() -> None:
        with writing(engine) as connection:
            add_change(connection, 1)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with pytest.raises(StorageError), writing(engine) as connection:
        add_change(connection, 1)
        connection.execute(sa.insert(changes).values(article=None, kind="stored"))
    with reading(engine) as connection:
        assert count(connection) == 0
    with writing(engine) as connection:
        add_change(connection, 1)
    with reading(engine) as connection:
        assert count(connection) == 1


def test_a_write_takes_its_lock_at_once(engine: sa.Engine) -> None:
    """Two writers come one after the other, so that none decides on what it read too early."""
    order: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with writing(engine) as connection:
            inside.set()
            leave.wait(30)
            order.append("first")
            add_change(connection, 1)

    def second() -> None:
        with writing(engine) as connection:
            order.append(f"second, after {count(connection)}")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(30)
    threads[1].start()
    leave.set()
    for thread in threads:
        thread.join()
    assert order == ["first", "second, after 1"]


def test_what_is_committed_is_on_disk(engine: sa.Engine) -> None:
    """Commits reach the disk before they return, references are checked, readers never wait."""
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["no url at all", "nosuch://host/database"])
def test_a_url_that_opens_nothing_is_explained(url: str) -> None:
    """A database URL that is wrong says which setting to look at."""
    with pytest.raises(StorageError, match="NEWSBOT_DATABASE"):
        open_database(url, migrations=NEWS, history="news_history")


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    """An error about a database leaves the password of its URL out."""
    url = f"sqlite://user:secret@/{tmp_path}"
    with pytest.raises(StorageError) as caught:
        open_database(url, migrations=NEWS, history="news_history")
    assert "secret" not in str(caught.value)
