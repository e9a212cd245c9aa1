"""The disk or the database cannot be used: a clear error says what to do, nothing is lost."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from index import News, keywords
from index.database import writing
from index.errors import BusyError, StorageError
from tests import killable
from tests.benchmarks.kill import story, write_file
from tests.benchmarks.survival import open_again, read_state
from tests.fakes import StandInEmbedder

FEW, MANY = 12, 300


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a dozen articles, both indexes brought up."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "articles").mkdir()
    for number in range(FEW):
        write_file(folder / "articles", number)
    killable.run(folder / "data", "add", str(folder / "articles"))
    return folder / "data"


@pytest.fixture
def data(base: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base, tmp_path / "data")


@pytest.fixture
def more(base: Path) -> Path:
    """The folder of the base's articles, grown."""
    for number in range(FEW, MANY):
        write_file(base.parent / "articles", number)
    return base.parent / "articles"


@contextmanager
def opened(data: Path) -> Iterator[News]:
    news = News(data, embedder=StandInEmbedder())
    try:
        yield news
    finally:
        news.close()


def newsbot(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    environment = {**os.environ, "NEWSBOT_DATA": str(data), "COLUMNS": "500"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=killable.ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def explained(ended: subprocess.CompletedProcess[str], reason: str, remedy: str) -> None:
    """One line that says what is wrong and what to do, and no traceback."""
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert reason in ended.stderr
    assert remedy in ended.stderr


def still_whole(data: Path, articles: int = FEW) -> None:
    """The articles are all there, and the next start finds everything in order."""
    state, _, _, problems = open_again(data, "stand-in")
    assert problems == []
    assert len(state.articles) == articles


# The database


def newer(database: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE news_history SET version_num = '9999_later'")
    engine.dispose()


def of_something_else(database: Path) -> None:
    database.unlink()
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE articles (price INTEGER)")
    engine.dispose()


def no_database(database: Path) -> None:
    database.write_text("Dear diary, today I was mistaken for a database.\n" * 100)


def short_text(database: Path) -> None:
    database.write_text("short")


def a_folder(database: Path) -> None:
    database.unlink()
    database.mkdir()


def cut_in_half(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


def cut_by_a_page(database: Path) -> None:
    os.truncate(database, database.stat().st_size - 4096)


def cut_to_its_header(database: Path) -> None:
    os.truncate(database, 100)


UNUSABLE = [
    (newer, "written by a newer newsbot", "Install that version"),
    (of_something_else, "a database of something else", "Move it away"),
    (no_database, "not a newsbot database", "Move it away"),
    (short_text, "not a newsbot database", "Move it away"),
    (a_folder, "cannot be opened", "NEWSBOT_DATA"),
    (cut_in_half, "the database is damaged", "Restore it from a copy"),
    (cut_by_a_page, "the database is damaged", "Restore it from a copy"),
    (cut_to_its_header, "the database is damaged", "Restore it from a copy"),
]


@pytest.mark.parametrize(("spoil", "reason", "remedy"), UNUSABLE)
def test_an_unusable_database_is_explained_and_left_alone(
    base: Path, data: Path, spoil: Callable[[Path], None], reason: str, remedy: str
) -> None:
    """A database that cannot be used is named with a remedy, unchanged; a copy put back works."""
    database = data / "news.db"
    spoil(database)
    before = database.read_bytes() if database.is_file() else b""
    with pytest.raises(StorageError) as caught:
        News(data, embedder=StandInEmbedder())
    assert str(database) in caught.value.subject
    assert reason in caught.value.reason
    assert remedy in caught.value.remedy
    assert "lost" not in str(caught.value)
    assert (database.read_bytes() if database.is_file() else b"") == before
    if database.is_dir():
        database.rmdir()
    shutil.copy(base / "news.db", database)
    still_whole(data)


@pytest.mark.parametrize(
    ("spoil", "reason", "remedy"), [UNUSABLE[0], UNUSABLE[2], UNUSABLE[5]], ids=lambda v: str(v)
)
def test_the_command_line_explains_an_unusable_database(
    data: Path, spoil: Callable[[Path], None], reason: str, remedy: str
) -> None:
    """Whatever is wrong with the database, the command line says it in one line and exits 1."""
    spoil(data / "news.db")
    explained(newsbot(data, "status"), reason, remedy)


# The second writer


@contextmanager
def another_writer(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the data folder for writing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.killable", str(data), "hold"],
        cwd=killable.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        assert "holding\n" in iter(process.stdout.readline, "")
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_a_second_writer_is_turned_away_and_readers_are_not(data: Path) -> None:
    """While one process writes, another's writing says so at once; its reading works."""
    with opened(data) as news:
        with another_writer(data) as other:
            with pytest.raises(BusyError) as caught:
                await news.refresh(everything=True)
            assert caught.value.subject == str(data)
            assert "Wait" in caught.value.remedy
            with pytest.raises(BusyError):
                await news.add([str(data)])
            source = news.sources.all()[0]
            with pytest.raises(BusyError):
                news.remove(source)
            assert news.search(story(3)[0], 1)[0].article.title == story(3)[0]
            explained(newsbot(data, "refresh", "--all"), "another newsbot", "Wait until")
            # Its death, however sudden, sets the folder free.
            other.kill()
            other.wait()
            [refreshed] = await news.refresh(everything=True)
        assert refreshed.error is None
    still_whole(data)


def test_a_locked_database_is_said_to_be_busy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another process stays in a transaction for too long, that is said, not waited for."""
    monkeypatch.setattr("index.database.BUSY_TIMEOUT_S", 0)
    with opened(data) as news, opened(data) as other:
        with writing(other._engine):
            with pytest.raises(BusyError, match="another newsbot is writing to it"):
                news.sources.put(news.sources.all()[0])
            assert news.search(story(3)[0], 1) != []
        news.sources.put(news.sources.all()[0])
    still_whole(data)


# The disk


@pytest.fixture
def limit_pages() -> Iterator[Callable[[int], None]]:
    """SQLite's own limit of a database's size: it answers as on a full disk, anywhere."""
    pages = 2**31

    def on_connect(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.close()

    def limit(count: int) -> None:
        nonlocal pages
        pages = count

    sa.event.listen(sa.Engine, "connect", on_connect)
    yield limit
    sa.event.remove(sa.Engine, "connect", on_connect)


async def test_a_full_database_keeps_what_it_has(
    data: Path, more: Path, limit_pages: Callable[[int], None]
) -> None:
    """When no more fits, what is stored stays and is answered from; with space the rest comes."""
    limit_pages((data / "news.db").stat().st_size // 4096 + 150)
    with opened(data) as news:
        with pytest.raises(StorageError, match="the disk is full") as caught:
            await news.refresh(everything=True)
        assert "Free some space" in caught.value.remedy
        stored = news.archive.counts()[0]
        assert FEW <= stored < MANY
        title, [first, *_] = story(3)
        # With its text: of four words alone the stand-in's vectors tell little.
        assert news.search(f"{title} {first}", 1)[0].article.title == title
        assert news.disagreements() == []
    limit_pages(2**31)
    still_whole(data, stored)
    with opened(data) as news:
        [refreshed] = await news.refresh(everything=True)
        assert (refreshed.new, refreshed.failures) == (MANY - stored, ())
    still_whole(data, MANY)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own, which only root can mount."""
    path = tmp_path / "disk"
    path.mkdir()
    if shutil.which("mount") is None or mount("-t", "tmpfs", "-o", "size=4m", "none", path):
        pytest.skip("no file system can be mounted here")
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def mount(*arguments: str | Path) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode


@contextmanager
def no_space(disk: Path) -> Iterator[None]:
    """Fill a file system to its last byte."""
    ballast = disk / "ballast"
    file = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    size = 2**16
    while size:
        try:
            os.write(file, bytes(size))
        except OSError:
            size //= 2
    os.close(file)
    yield
    ballast.unlink()


async def test_a_full_disk_keeps_what_it_has(base: Path, disk: Path, more: Path) -> None:
    """On a disk that fills up, what is stored stays; once it has space, the rest comes."""
    data = shutil.copytree(base, disk / "data")
    with opened(data) as news:
        news.bring_up()
        (disk / "ballast").write_bytes(bytes(2_500_000))
        with pytest.raises(StorageError, match="the disk is full") as caught:
            await news.refresh(everything=True)
        assert "Free some space" in caught.value.remedy
        (disk / "ballast").unlink()
        assert FEW <= news.archive.counts()[0] < MANY
        assert news.disagreements() == []
    mount("-o", "remount,size=64m", disk)
    with opened(data) as news:
        await news.refresh(everything=True)
    still_whole(data, MANY)


@pytest.mark.parametrize("kept", ["nothing", "an index"])
def test_a_full_disk_under_the_keyword_index_is_explained(
    data: Path, disk: Path, kept: str
) -> None:
    """Where the keyword index cannot be written, that is said, and made up for with space."""
    home = disk / "data"
    if kept != "nothing":
        shutil.copytree(data / "keywords", home / "keywords")
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO changes (article, kind) VALUES (1, 'stored')")
    engine.dispose()
    news = News(home, database=f"sqlite:///{data / 'news.db'}", embedder=StandInEmbedder())
    with no_space(disk), pytest.raises(StorageError, match="the disk is full") as caught:
        news.bring_up()
    assert str(home) in caught.value.subject
    assert news.disagreements() == []
    news.close()


def test_an_error_of_the_keyword_index_without_a_reason_is_one_of_the_disk(disk: Path) -> None:
    """Where its library says only that a thread is gone: a full disk, or else the disk itself."""

    def told() -> int | None:
        with pytest.raises(OSError) as caught, keywords._os_errors(disk):
            raise ValueError("an index writer was killed")
        return caught.value.errno

    assert told() == errno.EIO
    with no_space(disk):
        assert told() == errno.ENOSPC


def test_a_disk_that_is_full_from_the_start_is_explained(disk: Path) -> None:
    """The very first start on a full disk says so, and leaves nothing that stops the second."""
    data = disk / "data"
    with no_space(disk):
        with pytest.raises(StorageError, match="the disk is full"):
            News(data, embedder=StandInEmbedder())
        explained(newsbot(data, "status"), "the disk is full", "Free some space")
    still_whole(data, 0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Take the right to write away, from root as well."""
    if os.geteuid():
        paths = [folder, *folder.rglob("*")]
        modes = [path.stat().st_mode for path in paths]
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode & ~0o222)
        yield
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)
        return
    if mount("--bind", folder, folder):
        pytest.skip("nothing stops root from writing here")
    try:
        assert mount("-o", "remount,bind,ro", folder) == 0
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


async def test_a_read_only_folder_is_explained(data: Path) -> None:
    """A data folder that cannot be written to is named with a remedy, and works again later."""
    with read_only(data):
        with pytest.raises(StorageError) as caught:
            News(data, embedder=StandInEmbedder()).bring_up()
        assert str(data) in caught.value.subject
        assert "Make the folder writable" in caught.value.remedy
        explained(newsbot(data, "status"), str(data), "Make the folder writable")
    still_whole(data)


async def test_a_folder_that_becomes_read_only_is_explained(data: Path, more: Path) -> None:
    """When writing is forbidden under a running newsbot, each attempt says what to do."""
    with opened(data) as news:
        news.bring_up()
        with read_only(data):
            with pytest.raises(StorageError) as caught:
                await news.refresh(everything=True)
            assert "Make the folder writable" in caught.value.remedy
        [refreshed] = await news.refresh(everything=True)
        assert refreshed.error is None
    still_whole(data, MANY)


def test_a_place_where_no_folder_can_be_made_is_explained(tmp_path: Path) -> None:
    """A data folder that cannot be made, or is a file, is named with a remedy."""
    with read_only(tmp_path):
        with pytest.raises(StorageError, match="Make the folder writable"):
            News(tmp_path / "data", embedder=StandInEmbedder())
        explained(newsbot(tmp_path / "data", "sources"), "cannot be written", "NEWSBOT_DATA")
    (tmp_path / "file").write_text("not a folder")
    for path in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(StorageError, match="Move it away"):
            News(path, embedder=StandInEmbedder())


def test_nothing_is_lost_by_looking(base: Path) -> None:
    """The tests above began from a folder that holds what they count."""
    assert len(read_state(base).articles) == FEW
