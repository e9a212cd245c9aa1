"""Copies and stories, on written articles whose vectors are set."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.likeness import RULES, is_copy, shared
from bot.sketches import Sketch, sketch
from bot.stories import Placed, Recent, earliest, place, window
from index.articles import Article

NOW = datetime(2024, 5, 7, 12, tzinfo=UTC)
DIM = 16
NOTHING = np.empty((0, DIM), dtype=np.float32)

_WORDS = (
    "harbour council bridge engineers barrier flood pumps ferry captain river museum crowns"
    " concrete storm autumn repair traffic mayor budget vote school roof market lamp tower"
    " signal railway platform winter snow glacier valley farmer orchard festival choir"
).split()


def direction(*numbers: float) -> NDArray[np.float32]:
    """A unit vector with these first components."""
    vector = np.zeros(DIM, dtype=np.float32)
    vector[: len(numbers)] = numbers
    return vector / np.float32(np.linalg.norm(vector))


def article(
    number: int,
    *,
    title: str = "Lundholm bridge collapses",
    outlet: str | None = "The Gazette",
    hours: float = 0.0,
    undated: bool = False,
) -> Article:
    """An article of so many hours after NOW, seen at once."""
    moment = NOW + timedelta(hours=hours)
    published = None if undated else moment
    return Article(number, f"k{number}", None, title, outlet, None, (), published, None, moment, 1)


def written(seed: int, *, words: int = 240) -> str:
    """A text of its own for each seed, in paragraphs of 40 words, with names and numbers."""
    rng = random.Random(seed)
    places = [f"{chr(65 + seed % 26)}{w}" for w in rng.sample(_WORDS, 6)]
    text = [rng.choice([*_WORDS, *places, str(rng.randrange(10, 999))]) for _ in range(words)]
    return "\n\n".join(" ".join(text[i : i + 40]) for i in range(0, words, 40))


def told(
    number: int,
    *,
    story: int = 0,
    text: str | None = None,
    title: str | None = None,
    outlet: str | None = None,
    hours: float = 0.0,
    aside: float = 0.2,
) -> Sketch:
    """An article of an event: its own words, the event's names, the event's direction.

    ``aside`` is how far its vector leans away from the event's own.
    """
    names = f"the Lundholm{story} bridge and Mayor Alberg{story} and Skern{story} and {700 + story}"
    base = np.zeros(DIM, dtype=np.float32)
    base[story % 8] = 1.0
    base[8 + number % 8] += aside
    body = written(1000 + number) if text is None else text
    return sketch(
        article(
            number,
            title=title or f"Bridge of Lundholm{story} and Skern{story}",
            outlet=outlet or f"Outlet {number}",
            hours=hours,
        ),
        f"There {names}.\n\n{body}\n\nWith {names}.",
        base[np.newaxis],
    )


def placed(*sketches: Sketch, recent: Recent | None = None) -> list[Placed]:
    return place(sketches, recent or Recent())[0]


def test_the_same_text_is_a_copy_whatever_outlet_and_headline() -> None:
    """One text in five outlets under five headlines is one group and one story."""
    same = [
        told(n, text=written(1), outlet=f"Paper {n}", title=f"Headline number {n}", hours=n)
        for n in range(1, 6)
    ]
    places = placed(*same)
    assert {p.group for p in places} == {1}
    assert {p.story for p in places} == {1}
    assert [p.copy_of for p in places] == [None, 1, 1, 1, 1]


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(range(6)), batches=st.integers(1, 6))
def test_the_order_of_arrival_does_not_change_which_texts_are_one(
    order: list[int], batches: int
) -> None:
    """Identical texts end in the same groups in whatever order and batches they arrive."""
    sketches = [told(n + 1, text=written(n % 2), story=n % 2, hours=n) for n in range(6)]
    recent, groups = Recent(), {}
    for first in range(0, 6, batches):
        places, recent = place([sketches[i] for i in order[first : first + batches]], recent)
        groups.update({p.article: p.group for p in places})
    assert len({groups[n] for n in (1, 3, 5)}) == 1
    assert len({groups[n] for n in (2, 4, 6)}) == 1
    assert groups[1] != groups[2]


@pytest.mark.parametrize(
    "edit",
    [
        lambda parts: parts[:3],
        lambda parts: [parts[0], *reversed(parts[1:])],
        lambda parts: parts[:2] + parts[4:],
        lambda parts: ["By Anna Skov, staff writer", *parts, "More is expected later."],
        lambda parts: [p.replace("bridge", "crossing") for p in parts],
    ],
    ids=["truncated", "reordered", "cut", "signed", "reworded"],
)
def test_light_editing_leaves_a_copy(edit: object) -> None:
    """A text that was cut, reordered, signed or had a word replaced is still a copy."""
    assert callable(edit)
    parts = written(1).split("\n\n")
    places = placed(told(1, text="\n\n".join(parts)), told(2, text="\n\n".join(edit(parts))))
    assert places[1].copy_of == 1


def test_a_follow_up_with_old_background_is_no_copy() -> None:
    """News of its own in front of half of an earlier text makes no copy, but the same story."""
    old, own = written(1).split("\n\n"), written(2).split("\n\n")
    first = told(1, text="\n\n".join(old))
    follow = told(2, text="\n\n".join([*own[:4], *old[4:]]))
    places = placed(first, follow)
    assert places[1].copy_of is None
    assert places[1].story == 1


def test_page_furniture_under_other_headlines_is_no_copy() -> None:
    """The same text whose vectors point elsewhere, as a page's furniture has it, is no copy."""
    text = written(1)
    first = sketch(article(1), text, direction(1.0)[np.newaxis])
    other = sketch(article(2, title="Sweden votes"), text, direction(0.3, 1.0)[np.newaxis])
    assert [p.copy_of for p in placed(first, other)] == [None, None]


def test_another_event_in_the_same_words_is_no_copy() -> None:
    """A template filled with other names and numbers is no copy, however alike the rest."""
    words = " ".join(_WORDS)
    reports = [
        " ".join(f"{words} at {name} with {number}" for name, number in facts)
        for facts in (
            [("Alberg", 120), ("Skern", 340)],
            [("Norrby", 560), ("Farum", 780)],
        )
    ]
    first, other = (
        sketch(article(n), text, direction(1.0)[np.newaxis])
        for n, text in enumerate(reports, start=1)
    )
    assert shared(first.shingles, other.shingles) > RULES.contained
    assert not is_copy(first, other, 1.0)
    assert is_copy(first, first, 1.0)


def test_articles_about_one_event_are_one_story_and_other_events_are_not() -> None:
    """Articles with an event's names and vectors join its story, those of others do not."""
    events = [told(n, story=n % 3, hours=n) for n in range(1, 13)]
    places = placed(*events)
    assert {p.article: p.story for p in places} == {n: (n - 1) % 3 + 1 for n in range(1, 13)}
    assert all(p.copy_of is None for p in places)


@settings(deadline=None, max_examples=20)
@given(days=st.floats(14.01, 400))
def test_an_article_outside_the_window_never_joins(days: float) -> None:
    """Neither a copy nor a story reaches further than the window, backwards or forwards."""
    first, later = told(1, text=written(1)), told(2, text=written(1), hours=days * 24)
    for sketches in ((first, later), (later, first)):
        places = placed(*sketches)
        assert all(p.copy_of is None and p.story == p.article for p in places)
    _, recent = place([first], Recent())
    assert len(recent.since(window(first.moment))) == 1
    assert len(recent.since(window(later.moment))) == 0
    assert placed(later, recent=recent) == [Placed(2, 2, None)]


def test_a_story_grows_past_the_window_of_its_first_article() -> None:
    """A story that is told every few days keeps its id when its first article is long gone."""
    recent, stories = Recent(), []
    for number in range(1, 13):
        one = told(number, story=0, hours=number * 96)
        places, recent = place([one], recent.since(window(one.moment)))
        stories.append(places[0].story)
    assert stories == [1] * 12
    assert len(recent) < 6


def test_one_like_member_alone_does_not_let_an_article_in() -> None:
    """An article like one of a story's many members and unlike the others begins its own."""
    members = [told(n, story=0, hours=n) for n in range(1, 10)]
    _, recent = place(members, Recent())
    stray = told(10, story=0, title="Choir sings", hours=12)
    bridge = told(11, story=1, hours=13)
    places, recent = place([stray], recent)
    assert places[0].story == 1
    joined, _ = place([bridge], recent)
    assert joined[0].story == 11


@settings(deadline=None, max_examples=15)
@given(order=st.permutations(range(9)))
def test_placing_does_not_depend_on_the_order_within_a_batch(order: list[int]) -> None:
    """A batch gives the same places in whatever order it is handed in, each in its order."""
    sketches = [told(n + 1, story=n % 3, hours=n) for n in range(9)]
    expected = placed(*sketches)
    assert placed(*(sketches[i] for i in order)) == [expected[i] for i in order]


def test_placing_again_gives_the_place_that_was_given() -> None:
    """A new version of a placed article keeps its place and is not kept twice."""
    _, recent = place([told(1), told(2)], Recent())
    places, again = place([told(2, text=written(77), story=5), told(1)], recent)
    assert places == [Placed(2, 1, None), Placed(1, 1, None)]
    assert len(again) == len(recent) == 2


def test_a_round_up_stays_out_of_stories() -> None:
    """What puts several stories side by side neither joins one nor lets others in."""
    titles = ("Bridge of Lundholm0", "5 things to know: Lundholm0, Skern0, pumps")
    first, round_up = (told(n, title=title) for n, title in enumerate(titles, start=1))
    assert round_up.round_up and not first.round_up
    assert [p.story for p in placed(first, round_up)] == [1, 2]
    assert [p.story for p in placed(round_up, first)] == [2, 1]


def test_an_article_without_text_or_vectors_stands_alone() -> None:
    """Empty articles are neither copies of each other nor a story."""
    empty = [sketch(article(n, title=""), "", NOTHING) for n in (1, 2)]
    assert placed(*empty) == [Placed(1, 1, None), Placed(2, 2, None)]
    assert placed() == []


def test_a_date_ahead_of_when_it_was_seen_counts_as_when_it_was_seen() -> None:
    """An article cannot be newer than the moment at which it was first seen."""
    seen = article(1)
    ahead = sketch(
        Article(1, "k", None, "T", None, None, (), NOW + timedelta(days=900), None, NOW, 1),
        "text",
        NOTHING,
    )
    assert ahead.moment == seen.first_seen == NOW
    assert sketch(article(1, undated=True), "text", NOTHING).moment == NOW


def test_the_earliest_of_a_group_is_cited() -> None:
    """The cited copy is the earliest, also when a later one was placed first."""
    late, early = told(1, text=written(1), hours=5), told(2, text=written(1), hours=1)
    _, recent = place([late], Recent())
    places, recent = place([early], recent)
    assert places[0].copy_of == 1
    assert earliest(k.sketch for k in recent.known).article == 2


@settings(deadline=None, max_examples=40)
@given(text=st.text(max_size=300), title=st.text(max_size=60))
def test_any_text_can_be_sketched_and_is_a_copy_of_itself(text: str, title: str) -> None:
    """Sketching takes whatever was written, the same every time, with a unit vector."""
    vectors = np.stack([direction(1.0, 0.5), direction(0.5, 1.0)])
    one, two = (sketch(article(1, title=title), text, vectors) for _ in range(2))
    assert np.array_equal(one.shingles, two.shingles)
    assert float(np.linalg.norm(one.vector)) == pytest.approx(1.0, abs=1e-5)
    assert is_copy(one, two, 1.0) == bool(len(one.shingles))
    assert np.all(np.diff(one.shingles.astype(object)) > 0)
