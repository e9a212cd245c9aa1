"""Words that no article has, to the ones that were meant."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import News
from index.spelling import meant

TEXT = "The Ceasefire held. A ceasefire was brokered on Mohammadi's advice; its mechanism is new."


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ceasfire", "ceasefire"),  # one too few
        ("ceasefiire", "ceasefire"),  # one too many
        ("ceazefire", "ceasefire"),  # another one
        ("caesefire", "ceasefire"),  # changed about
        ("Ceasfire", "ceasefire"),  # a capital at the beginning of a question
        ("mohamadi", "Mohammadi"),  # a name keeps its capital
        ("cesfire", None),  # two slips
        ("seasefire", None),  # nobody mistakes the first letter
        ("ceasefire", None),  # no slip at all
        ("brokres", "brokered"),  # the slip is in the stem
        ("Meghan", None),  # a name is not near a word whose stem is
        ("elephant", None),
    ],
)
def test_a_word_becomes_the_one_that_is_a_slip_away(typed: str, expected: str | None) -> None:
    """One edit makes another word of the texts of it; two, or the first letter, do not."""
    assert meant(typed, [TEXT]) == expected


def test_the_commonest_of_several_is_meant() -> None:
    """Of two words that are a slip away, the one that the texts have more often."""
    assert meant("forests", ["forest forest forestx"]) == "forest"


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[News]:
    """One article, with the real model's vocabulary."""
    folder = tmp_path_factory.mktemp("spelling")
    article = folder / "truce.md"
    article.write_text(f"---\ntitle: Armistice in Ireland\n---\n{TEXT}\n")
    opened = News(folder / "data")
    asyncio.run(opened.add([str(article)]))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ceasfire", "ceasefire"),
        ("armistise", "Armistice"),  # from a title
        ("Iceland", None),  # a word of its own, if not of these articles
        ("ceasefires", None),  # another form of a word that they have
        ("truse", None),  # too short to tell
        ("ceas3fire", None),
        ("and", None),
    ],
)
def test_only_what_is_no_word_is_taken_for_another(
    news: News, typed: str, expected: str | None
) -> None:
    """What the articles have in any form, or the model's vocabulary, is left as it is."""
    assert news.spelling(typed) == expected


def test_without_articles_nothing_is_mended(tmp_path: Path) -> None:
    """An empty archive has no words to take another for."""
    empty = News(tmp_path / "data")
    assert empty.spelling("ceasfire") is None
    empty.close()
