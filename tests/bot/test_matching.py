"""Topics against articles, figures in sentences, and answers that change."""

import json
from datetime import UTC, datetime

import pytest

from bot.changing import Sort, answer_changed, sort_of
from bot.figures import Figure, counted_figures
from bot.matching import Arrived, arrived, read_topic, rules_out
from bot.relevance import Asked, threshold
from index.archive import Row
from index.articles import Article, Paragraph
from tests.benchmarks.matching import PAIRS
from tests.fakes import StandInEmbedder

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODEL = StandInEmbedder(dimension=512)


def article(title: str, *paragraphs: str) -> Arrived:
    made = Article(1, "1", None, title, "Post", None, (), NOW, "en", NOW, 1)
    rows = [Row(Paragraph(i, 1, 1, i, 0, len(p)), made, "", p) for i, p in enumerate(paragraphs, 1)]
    return arrived(rows, MODEL.encode([f"{title} {p}" for p in paragraphs]))


BRIDGE = article(
    "Harbour bridge opens",
    "The harbour bridge at Lundholm opened on Monday.",
    "Ferries will no longer cross the sound.",
    "It took nine years.",
    "The mayor spoke.",
    "The volcano was quiet.",
)
ORCHARD = article("Apples are ripe", "The orchards of Nynas have never had so many apples.")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("harbour bridge in Lundholm", True),
        ("bridges", True),
        ("apple harvest", False),
        ("volcano", False),
    ],
)
def test_an_article_matches_what_its_beginning_is_about(text: str, matches: bool) -> None:
    """By words and vectors of the title and the leading paragraphs, not of those further down."""
    topic = read_topic(text)
    reached = Asked([topic], MODEL.encode([topic.text]), {}).relevances([BRIDGE, ORCHARD])
    assert reached.shape == (1, 2)
    assert bool(reached[0, 0] >= threshold(0)) is matches
    assert threshold(-1) > threshold(0) > threshold(1)


def test_every_topic_is_held_against_every_article() -> None:
    """Many at once give what one at a time gives."""
    topics = [read_topic(t) for t in ("harbour bridge", "apples of Nynas", '"nine years"')]
    vectors = MODEL.encode([t.text for t in topics])
    both = Asked(topics, vectors, {"bridg": 3.0}).relevances([BRIDGE, ORCHARD])
    for i, topic in enumerate(topics):
        for j, one in enumerate((BRIDGE, ORCHARD)):
            alone = Asked([topic], vectors[i : i + 1], {"bridg": 3.0}).relevances([one])
            assert both[i, j] == pytest.approx(alone[0, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("bridge -ferry", True),
        ("bridge -volcanoes", True),
        ("bridge -tunnel", False),
        ('bridge "nine years"', False),
        ('bridge "nine  YEARS"', False),
        ('bridge "ten years"', True),
        ('bridge "harb"', True),
    ],
)
def test_words_are_excluded_and_required(text: str, out: bool) -> None:
    """-word looks at the whole article and every form; exact words are whole and in any case."""
    assert rules_out(read_topic(text), BRIDGE) is out


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        (
            "How many people died?",
            "At least 1,036 people died, 12 of them women.",
            [(1036, True)],
        ),
        ("How many people died?", "Twenty-one people died on 3 May.", [(21, False)]),
        ("How many people died?", "More than a thousand people died.", [(1000, True)]),
        ("How much did it cost?", "It cost $1.2 billion, in 2024.", [(1.2e9, False)]),
        ("How much did it cost?", "The price is 1.2bn euros.", [(1.2e9, False)]),
        ("How high is it?", "It reached 78.6%.", [(78.6, False)]),
        ("How high is it?", "It stood at 78,6 per cent at 10:30.", [(78.6, False)]),
        ("How many flats?", "Half a million flats", [(5e5, False)]),
        ("How many flats?", "None yet.", []),
    ],
)
def test_figures_are_read_as_numbers(
    question: str, sentence: str, expected: list[tuple[float, bool]]
) -> None:
    """In digits or words, with their scales; those that are counted, without dates."""
    assert counted_figures(question, sentence) == [Figure(v, rough) for v, rough in expected]


def test_other_words_are_no_other_answer() -> None:
    """Of all labelled pairs no rewording counts as a change, and most changes do."""
    pairs = json.loads(PAIRS.read_text(encoding="utf-8"))
    told = [answer_changed(p["question"], p["before"], p["now"]) for p in pairs]
    assert len(pairs) >= 40
    assert not [p for p, t in zip(pairs, told, strict=True) if t and not p["changed"]]
    found = sum(t for p, t in zip(pairs, told, strict=True) if p["changed"])
    assert found / sum(p["changed"] for p in pairs) >= 0.8


@pytest.mark.parametrize(
    ("question", "sort"),
    [
        ("Who brokered the ceasefire?", Sort.NAME),
        ("Which team won the cup?", Sort.NAME),
        ("When does it open?", Sort.TIME),
        ("Where is the summit?", Sort.PLACE),
        ("How many were there?", Sort.NUMBER),
        ("What is the price of gas?", Sort.NUMBER),
        ("Why did she resign?", None),
        ("Is it open?", None),
    ],
)
def test_what_a_question_asks_for(question: str, sort: Sort | None) -> None:
    """Names, places, times, numbers; of other questions no two answers can be compared."""
    assert sort_of(question) is sort
