"""Newsbot is killed in the middle of its work; nothing is lost and the work goes on.

The whole run, with more kills, is one of the benchmarks.
"""

import shutil
from pathlib import Path

import pytest

from index import News
from tests import killable
from tests.benchmarks import kill
from tests.benchmarks.survival import Survived, open_again, read_state
from tests.fakes import StandInEmbedder


def held(survived: list[Survived], kills: int) -> None:
    assert [problem for one in survived for problem in one.problems] == []
    assert sum(len(one.kills) for one in survived) == kills
    assert all(one.rounds for one in survived)


def test_killed_adding_and_refreshing_of_files(tmp_path: Path) -> None:
    """Wherever adding or refreshing a folder is killed, it ends as if it had not been."""
    held(kill.run_files(tmp_path, kills=4, seed=1, count=150), 4)


async def test_killed_adding_and_refreshing_over_http(tmp_path: Path) -> None:
    """Wherever adding or refreshing a feed is killed, it ends as if it had not been."""
    held(await kill.run_http(tmp_path, kills=4, seed=1, count=40), 4)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with more than two batches of paragraphs."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "articles").mkdir()
    for number in range(200):
        kill.write_file(folder / "articles", number)
    killable.run(folder / "data", "add", str(folder / "articles"))
    return folder / "data"


@pytest.fixture
def data(base: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base, tmp_path / "data")


def test_killed_building_of_the_keyword_index(data: Path) -> None:
    """A keyword index that was killed while it was built is built by the next start."""
    before = read_state(data)
    moment, killed = 0.2, False
    while not killed:
        shutil.rmtree(data / "keywords")
        killed = killable.run(data, "bring-up", kill_after_s=moment).killed
        moment /= 2
    state, _, _, problems = open_again(data, "stand-in")
    assert problems == []
    assert state == before


def test_a_killed_change_of_model_is_taken_up(data: Path) -> None:
    """What was embedded with the new model before a kill is not embedded again."""
    wanted = len(read_state(data).wanted)
    assert wanted > 512
    ended = killable.run(
        data, "bring-up", "another", kill_at=lambda line: line.startswith("embedding 256 ")
    )
    assert ended.killed
    made = len(read_state(data).vectors["another"])
    assert 256 <= made < wanted
    embedder = StandInEmbedder("another")
    news = News(data, embedder=embedder)
    notices = news.bring_up()
    assert notices == [f"{wanted - made} paragraphs were embedded with another"]
    assert embedder.encoded == wanted - made
    assert news.disagreements() == []
    news.close()
    assert set(read_state(data).vectors) == {"another"}
