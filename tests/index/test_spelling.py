"""Words that no article has, to the ones that were meant."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import News
from index.spelling import meant, slips
from tests.fakes import StandInEmbedder

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
        ("brokerd", "brokered"),
        ("Meghan", None),  # nor is its stem one slip away
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
        ("mohamadi", "Mohammadi"),  # of these articles only
        ("mechansims", "mechanisms"),  # which they have in another form
        ("Iceland", None),  # a word of its own, if not of these articles
        ("ceasefires", None),  # another form of a word that they have
        ("truse", None),  # too short to tell
        ("celestrial", None),  # they have nothing of the kind, right or wrong
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


@pytest.mark.parametrize(
    ("rare", "common", "times", "expected"),
    [
        ("goverment", "government", 1, "government"),
        ("goverment", "government", 2, None),
        ("Johnsen", "Johnson", 1, None),
    ],
)
def test_a_slip_that_articles_make_too_is_mended(
    tmp_path: Path, rare: str, common: str, times: int, expected: str | None
) -> None:
    """A word a hundred times rarer than one like it is a slip of theirs, unless it is a name."""
    for number in range(110):
        word = rare if number < times else common
        (tmp_path / f"{number}.md").write_text(f"The {word} met, {number}.\n")
    crowded = News(tmp_path / "data", embedder=StandInEmbedder())
    asyncio.run(crowded.add([str(tmp_path)]))
    assert crowded.spelling(rare) == expected
    assert crowded.spelling(rare.casefold()) == expected
    crowded.close()


@given(st.text("abcdef", min_size=2, max_size=8))
def test_slips_are_what_is_a_slip(word: str) -> None:
    """Every made slip is found again as one, and no word is its own."""
    made = slips(word)
    assert word not in made
    assert {other for other in made if meant(word, [other])} == made
