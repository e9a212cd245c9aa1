"""What is derived is damaged in every way we know; it is made again, and that is said."""

import math
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from index import News
from index.embedding import Matrix
from index.errors import ModelError
from index.tables import vectors
from tests import killable
from tests.benchmarks.kill import story, write_file
from tests.benchmarks.survival import read_state
from tests.fakes import StandInEmbedder

MISSING = "the keyword index was missing and was built again"
DAMAGED = "the keyword index was damaged or outdated and was built again"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a dozen articles, both indexes brought up."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "articles").mkdir()
    for number in range(12):
        write_file(folder / "articles", number)
    killable.run(folder / "data", "add", str(folder / "articles"))
    return folder / "data"


@pytest.fixture
def data(base: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base, tmp_path / "data")


@contextmanager
def opened(data: Path, embedder: StandInEmbedder | None = None) -> Iterator[News]:
    news = News(data, embedder=embedder or StandInEmbedder())
    try:
        yield news
    finally:
        news.close()


def brought_up(data: Path) -> list[str]:
    """What the next start says; afterwards all articles are found and a second start is silent."""
    with opened(data) as news:
        notices = news.bring_up()
        assert news.disagreements() == []
        for number in range(12):
            title, _ = story(number)
            assert news.search(title, 1)[0].article.title == title
    with opened(data) as again:
        assert again.bring_up() == []
        assert again.disagreements() == []
    return notices


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def overwritten(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size + 1))


def one_bit_flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def deleted(path: Path) -> None:
    path.unlink()


def a_folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def test_an_undamaged_folder_needs_nothing(data: Path) -> None:
    """A start that finds all in order says nothing, so that what is said below means damage."""
    assert brought_up(data) == []


def test_a_deleted_keyword_index_is_built_again(data: Path) -> None:
    """Without its folder the keyword index is built again, and that is said in one line."""
    shutil.rmtree(data / "keywords")
    assert brought_up(data) == [MISSING]


def test_a_file_in_place_of_the_keyword_index_is_replaced(data: Path) -> None:
    """A file where the keyword index should be does not stop newsbot."""
    shutil.rmtree(data / "keywords")
    (data / "keywords").write_text("not a folder")
    assert brought_up(data) == [DAMAGED]


@pytest.mark.parametrize(
    "damage", [emptied, cut_in_half, overwritten, one_bit_flipped, deleted, a_folder_instead]
)
def test_any_damaged_keyword_file_is_noticed(
    base: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Whichever file of the keyword index is damaged, all of it is built again."""
    names = sorted(path.name for path in (base / "keywords").iterdir())
    assert {"state.json", "meta.json"} < set(names)
    for name in names:
        data = shutil.copytree(base, tmp_path / name.lstrip("."))
        path = data / "keywords" / name
        if not path.stat().st_size and damage is not a_folder_instead:
            continue
        damage(path)
        notices = brought_up(data)
        # tantivy's list of its files tells only which ones to clear away: it can do without.
        if name == ".managed.json" and notices == []:
            continue
        assert notices == [DAMAGED], name


@pytest.mark.parametrize(
    "state",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"format": 2, "change": 1}',
        '{"format": 0, "change": 12, "files": {}}',
        '{"format": 2, "change": "12", "files": {}}',
        '{"format": 2, "change": 1e999, "files": {}}',
        '{"format": 2, "change": 12, "files": 5}',
        '{"format": 2, "change": 12, "files": {"meta.json": [1]}}',
    ],
)
def test_a_wrong_note_of_the_state_is_not_believed(data: Path, state: str) -> None:
    """A note that says nothing, or nothing right, has the keyword index built again."""
    (data / "keywords" / "state.json").write_text(state)
    assert brought_up(data) == [DAMAGED]


def test_a_keyword_index_of_a_later_change_is_not_believed(data: Path, base: Path) -> None:
    """With the database put back from an older copy, the newer keyword index is built again."""
    articles = base.parent / "more"
    articles.mkdir()
    write_file(articles, 99)
    killable.run(data, "add", str(articles))
    for path in data.glob("news.db*"):
        path.unlink()
    shutil.copy(base / "news.db", data)
    assert brought_up(data) == [DAMAGED]


def truncated(vector: bytes) -> bytes:
    return vector[:-1]


def longer(vector: bytes) -> bytes:
    return vector + vector


def nothing(vector: bytes) -> bytes:
    return b""


def not_a_number(vector: bytes) -> bytes:
    return np.full(len(vector) // 4, math.nan, dtype="<f4").tobytes()


def infinite(vector: bytes) -> bytes:
    return np.full(len(vector) // 4, math.inf, dtype="<f4").tobytes()


def zero(vector: bytes) -> bytes:
    return bytes(len(vector))


def noise(vector: bytes) -> bytes:
    return random.Random(1).randbytes(len(vector))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "damage", [truncated, longer, nothing, not_a_number, infinite, zero, noise]
)
def test_damaged_vectors_are_made_again(data: Path, damage: Callable[[bytes], bytes]) -> None:
    """A stored vector that is none is noticed, and it alone is embedded again."""
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.begin() as connection:
        before = {row.embedded: row.vector for row in connection.execute(sa.select(vectors))}
        for embedded in sorted(before)[:3]:
            connection.execute(
                sa.update(vectors)
                .where(vectors.c.embedded == embedded)
                .values(vector=damage(before[embedded]))
            )
    embedder = StandInEmbedder()
    with opened(data, embedder) as news:
        assert news.bring_up() == ["3 damaged vectors were made again"]
    assert embedder.encoded == 3
    with engine.begin() as connection:
        after = {row.embedded: row.vector for row in connection.execute(sa.select(vectors))}
    engine.dispose()
    assert after == before
    assert brought_up(data) == []


def test_deleted_vectors_are_made_again(data: Path) -> None:
    """Without any stored vector, every paragraph is embedded again, and that is said."""
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.begin() as connection:
        count = connection.execute(sa.delete(vectors)).rowcount
    engine.dispose()
    assert brought_up(data) == [f"{count} paragraphs were embedded with stand-in"]


def test_leftovers_of_another_model_are_cleared_away(data: Path) -> None:
    """Vectors of a former model, left by a kill right after the change, do not stay for ever."""
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.begin() as connection:
        old = sa.select(vectors.c.embedded, sa.literal("former"), vectors.c.vector)
        connection.execute(sa.insert(vectors).from_select(["embedded", "model", "vector"], old))
    engine.dispose()
    assert set(read_state(data).vectors) == {"stand-in", "former"}
    assert brought_up(data) == []
    assert set(read_state(data).vectors) == {"stand-in"}


class FailsOnce(StandInEmbedder):
    """A model that cannot be loaded the first time."""

    failed = False

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not self.failed:
            self.failed = True
            raise ModelError(self.name, "it cannot be loaded")
        return super().encode(texts)


def test_embedding_that_failed_is_taken_up_in_the_same_process(data: Path) -> None:
    """After a failure while embedding, the next try embeds what is missing."""
    wanted = len(read_state(data).wanted)
    with opened(data, FailsOnce("another")) as news:
        with pytest.raises(ModelError):
            news.bring_up()
        assert not news.ready
        assert news.bring_up() == [f"{wanted} paragraphs were embedded with another"]
        assert news.disagreements() == []
