"""Charges with their denials, numbers that differ, and who else carries it: or nothing of it."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot import messages
from bot.accounts import denials
from bot.answering import decide, verified
from bot.answers import Answer, Citation, Claim, Coverage, Disagreement, Outcome
from bot.attribution import attributed
from bot.calibration import Calibration
from bot.candidates import Sentence
from bot.carriers import says_the_same
from bot.console import show_answer
from bot.features import Features
from bot.number_accounts import counted, differences
from bot.quantities import quantities
from bot.saying_verbs import Stance
from index import News
from index.articles import Passage
from index.paragraphs import split_sentences
from tests.benchmarks import attribution
from tests.bot import written
from tests.bot.rendered import shown
from tests.fakes import StandInEmbedder
from tests.shared import shared

NOW = datetime(2024, 5, 7, tzinfo=UTC)


def pair(*paragraphs: str) -> tuple[str, str] | None:
    """Who charges and who denies in an article."""
    found = denials(attribution.rows([{"text": list(paragraphs)}]))
    return (found[0].charge.speaker, found[0].denial.speaker) if found else None


@pytest.mark.parametrize(
    ("paragraphs", "sides"),
    [
        (
            ["Delft accused the carrier of dumping sand.", "The carrier denied it."],
            ("Delft", "The carrier"),
        ),
        (
            ["Anglers say the carrier dumped sand.", "The carrier denies dumping any sand there."],
            ("Anglers", "The carrier"),
        ),
        (
            ["Anglers accused the carrier of dumping sand, which the carrier denies."],
            ("Anglers", "the carrier"),
        ),
        (
            ["Delft has been accused by Leiden of dumping sand. “We reject this,” Delft said."],
            ("Leiden", "Delft"),
        ),
    ],
)
def test_a_charge_is_paired_with_its_denial(paragraphs: list[str], sides: tuple[str, str]) -> None:
    """By its words, by a pronoun right behind it, in one sentence or in two."""
    assert pair(*paragraphs) == sides


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["Delft accused the carrier of dumping sand.", "The carrier denied a plan to sell ships."],
        ["Delft accused the carrier of dumping sand.", "The carrier did not deny it."],
        ["Delft accused the carrier of dumping sand.", "The carrier may deny it."],
        ["The paper reported that the carrier denied dumping sand."],
        ["Delft said the sand was wet.", "Leiden said that the sand was wet."],
        ["Delft said the sand was wet.", "The council rejected a plan for the sand."],
    ],
)
def test_a_denial_of_something_else_is_no_other_account(paragraphs: list[str]) -> None:
    """Another matter, silence, hearsay, agreement and a vote are no denial of the charge."""
    assert pair(*paragraphs) is None


def test_each_side_is_shown_in_its_own_words() -> None:
    """Of what a side says of the matter near by, the account is what the article quotes most."""
    [found, *_] = denials(
        attribution.rows(
            [
                {
                    "text": [
                        "Anglers accused the carrier of dumping sand in the canal.",
                        "The carrier dismissed the claims.",
                        "The anglers said “whole barges of sand went into the canal at night”.",
                        "The carrier rejects the claims: “Not one grain of it is ours.”",
                    ]
                }
            ]
        )
    )
    charge, denial = found.shown
    assert "whole barges" in charge.whole
    assert "Not one grain" in denial.whole


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("The storm killed 1,200 people.", [(1200, ("dead", "people"))]),
        ("The death toll rose to forty-two.", [(42, ("dead", "people"))]),
        ("It cost 3.5 million euros.", [(3_500_000, ("money", "euro"))]),
        ("It cost $5bn.", [(5e9, ("money", "dollar"))]),
        ("He was 34 years old in 2019, on 5 May at 10:30.", []),
        ("Spain won 3-1.", []),
    ],
)
def test_numbers_of_things_are_read(
    sentence: str, numbers: list[tuple[float, tuple[str, str]]]
) -> None:
    """Digits, words and scales are values; dates, ages, times and scores count nothing."""
    assert [(q.value, q.thing) for q in quantities(sentence)] == numbers


def number_kinds(*articles: tuple[str, int, str]) -> list[Disagreement]:
    made = [{"outlet": outlet, "day": day, "text": [text]} for outlet, day, text in articles]
    every = counted(row for rows in attribution.rows(made) for row in rows)
    return [found.kind for found in differences(every[:1], every)]


def test_numbers_differ_or_are_newer() -> None:
    """Two outlets at one time differ; one outlet later has a newer number; others say nothing."""
    first, other = "The storm in Delft killed 4 people.", "The storm in Delft killed 9 people."
    assert number_kinds(("A", 1, first), ("B", 1, other)) == [Disagreement.DIFFERENCE]
    assert number_kinds(("A", 1, first), ("A", 2, other)) == [Disagreement.UPDATE]
    assert number_kinds(("A", 1, first), ("B", 5, other)) == []
    assert number_kinds(("A", 1, first), ("B", 1, "The storm in Leiden killed 9 people.")) == []
    assert number_kinds(("A", 1, first), ("B", 1, "The storm in Delft injured 9 people.")) == []


def test_who_says_the_same() -> None:
    """The same in other words, but never with another number, without "not", or as hearsay."""
    one = "The new bridge at Lundholm opened on Monday after nine years of work."
    assert says_the_same(one, "At Lundholm the new bridge has opened after nine years of work.")
    assert not says_the_same(one, "The new bridge at Lundholm has not opened after nine years.")
    assert not says_the_same(one, "The new bridge at Lundholm may open after nine years of work.")
    assert not says_the_same("It killed 4 at Lundholm bridge.", "It killed 5 at Lundholm bridge.")
    assert not says_the_same(one, "A bridge is closed.")


@pytest.mark.parametrize("name", ["disputes", "numbers", "speakers", "stances", "hedges"])
def test_precision_on_texts_held_out(name: str) -> None:
    """On texts written before the rules nine of ten that are told are right, and most are told."""
    told = attribution.JUDGES[name](attribution.labels("held out"))
    said = [t for t in told if t.said]
    right = [t for t in said if t.right]
    assert len(right) >= 0.9 * len(said)
    assert len(right) >= 0.65 * sum(t.there for t in told)


@settings(max_examples=60, deadline=None)
@given(st.lists(written.quotes, max_size=4), st.sampled_from(["denied it.", "rejects the claims."]))
def test_any_paragraphs_can_be_compared(paragraphs: list[str], end: str) -> None:
    """Whatever paragraphs hold, they are compared without an error."""
    rows = attribution.rows([{"text": [*paragraphs, f"Delft {end}"]}] * 2)
    denials(rows)
    every = counted(row for of in rows for row in of)
    differences(every, every)


# In a real archive

ARTICLES = {
    "herald": (
        "Coast Herald",
        "Anglers accuse the carrier over sand in the Delft canal",
        "Anglers accused the carrier Rijn of dumping sand in the canal at Delft on Sunday.",
        "Rijn rejects the accusation: “Not one grain of that sand is ours.”",
        "The canal office said 12 boats were stuck in the canal at Delft.",
    ),
    "times": (
        "Capital Times",
        "Boats stuck at Delft",
        "At Delft 30 boats were stuck in the canal on Sunday, the skippers' union said.",
        "On Sunday anglers accused the carrier Rijn of dumping sand in the canal at Delft.",
    ),
}


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[News]:
    folder = tmp_path_factory.mktemp("articles")
    for name, (outlet, title, *paragraphs) in ARTICLES.items():
        text = "\n\n".join(("World", title, outlet, "5 May 2024", *paragraphs))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "copy.txt").write_text(
        (folder / "herald.txt").read_text(encoding="utf-8").replace("Coast Herald", "Sand Post"),
        encoding="utf-8",
    )
    opened = News(tmp_path_factory.mktemp("news"), embedder=StandInEmbedder())
    asyncio.run(opened.add([str(path) for path in sorted(folder.iterdir())]))
    yield opened
    opened.close()


def answered(
    news: News, question: str, words: str, outlet: str, short: str | None = None
) -> Answer:
    """An answer whose only claim is an outlet's sentence with these words."""
    passages = news.search(question, 20)
    claim = next(
        claim
        for passage in passages
        if passage.article.outlet == outlet
        for claim in claims_of(passage)
        if words in claim.quote
    )
    covers = Coverage(3, NOW, NOW, ())
    found = Answer(question, Outcome.CLOSEST, (claim,), covers, NOW, short)
    return verified(attributed(found, passages, news), news.quote)


def claims_of(passage: Passage) -> Iterator[Claim]:
    place = passage.paragraph
    for span in split_sentences(passage.text, 0, len(passage.text)):
        start, end = place.start + span.start, place.start + span.end
        citation = Citation(
            passage.article.id, place.version, place.number, start, end, passage.version_sha256
        )
        yield Claim(passage.text[span.start : span.end], citation, passage.article, 0.5)


def test_a_disputed_charge_is_answered_with_both_accounts(news: News) -> None:
    """To yes or no there is no short answer, but the charge, its denial, and whose they are."""
    answer = answered(
        news, "Did Rijn dump sand in the canal?", "dumping", "Coast Herald", short="Rijn"
    )
    assert (answer.outcome, answer.short) == (Outcome.ANSWERED, None)
    [dispute] = answer.accounts
    assert dispute.kind is Disagreement.DENIAL
    charge, denial = dispute.accounts
    assert (charge.speaker, charge.direct) == ("Anglers", False)
    assert (denial.speaker, denial.direct) == ("Rijn", True)
    assert denial.claim.quote == "Not one grain of that sand is ours."
    assert answer.claims[0].stance is Stance.ACCUSED


def test_other_sources_count_once_with_their_copies(news: News) -> None:
    """An outlet that says it in its own text is a source, one that has the same text is not."""
    answer = answered(news, "Who accused Rijn of dumping sand?", "dumping", "Coast Herald")
    assert answer.sources == 2
    by_outlet = {c.claim.article.outlet: c.copy_of for c in answer.carriers}
    assert by_outlet == {"Capital Times": None, "Sand Post": answer.claims[0].article.id}
    text = "\n".join(m.text for m in messages.answer_messages(answer, 1))
    assert "2 independent sources: Coast Herald\u00a0[1], Capital Times\u00a0[" in text
    assert "; the same text: Sand Post\u00a0[" in text


def test_numbers_of_two_outlets_are_shown_together(news: News) -> None:
    """Asked how many, an answer shows the other outlet's number beside its own."""
    answer = answered(news, "How many boats were stuck at Delft?", "12 boats", "Coast Herald", "12")
    assert answer.short_speaker == "The canal office"
    [dispute] = answer.accounts
    assert dispute.kind is Disagreement.DIFFERENCE
    assert [a.speaker for a in dispute.accounts] == ["The canal office", "the skippers' union"]


def test_accounts_are_checked_against_the_store(news: News) -> None:
    """Every account and carrier is the stored slice; one that is not takes the pair with it."""
    answer = answered(news, "Did Rijn dump sand in the canal?", "dumping", "Coast Herald")
    assert len(answer.cites) >= 4
    for claim in answer.cites:
        c = claim.citation
        assert news.quote(c.article, c.version, c.start, c.end, c.sha256) == claim.quote
    [dispute] = answer.accounts
    charge, denial = dispute.accounts
    forged = replace(denial, claim=replace(denial.claim, quote="It was us, all of it, at night."))
    false = replace(answer, accounts=(replace(dispute, accounts=(charge, forged)),))
    assert verified(false, news.quote).accounts == ()
    none = verified(answer, lambda *_: None)
    assert (none.outcome, none.accounts, none.carriers) == (Outcome.NOT_IN_SOURCES, (), ())


def test_the_terminal_shows_what_telegram_shows(news: News) -> None:
    """Short answers with whose they are, accounts, sources and their numbers, on both."""
    for question, words in (("Did Rijn dump sand?", "dumping"), ("How many boats?", "12 boats")):
        short = "12" if "12" in words else None
        answer = answered(news, question, words, "Coast Herald", short)
        console = Console(width=500, record=True, file=io.StringIO())
        show_answer(console, answer)
        terminal = " ".join(console.export_text().split())
        for message in messages.answer_messages(answer, 1):
            for line in shown(message).text.split("\n"):
                if not line.startswith(("[", "They cover")):
                    plain = line.replace("\u00a0", " ").replace("\u2068", "").replace("\u2069", "")
                    assert " ".join(plain.split()) in terminal


def test_what_is_expected_ranks_below_what_is_said_as_fact() -> None:
    """Of two sentences about as likely the one told as fact comes first, and both are shown."""
    calibration = Calibration(0.0, {"context": 1.0}, answered=0.0, closest=0.0)
    texts = ("The bridge is expected to open in May.", "The bridge opened in May.")
    sentences = [
        Sentence(written.passage(text, written.article(i)), 0, len(text), Features(cover, 0, 0))
        for i, (text, cover) in enumerate(zip(texts, (1.2, 1.0), strict=True), start=1)
    ]
    answer = decide("When did it open?", sentences, Coverage(2, NOW, NOW, ()), NOW, calibration)
    assert [claim.quote for claim in answer.claims] == [texts[1], texts[0]]


def test_the_seed_article_gives_both_accounts(tmp_path: Path) -> None:
    """The breaking of the ceasefire is told by those who say so and by those who deny it."""
    path = shared("data", "seed", "karabakh_truce.txt")
    with_seed = News(tmp_path, embedder=StandInEmbedder())
    asyncio.run(with_seed.add([str(path)]))
    question = "did Azerbaijan break the ceasefire?"
    answer = answered(with_seed, question, "a ceasefire brokered by Russia", "BBC")
    with_seed.close()
    assert answer.short is None
    [dispute] = answer.accounts
    charge, denial = dispute.accounts
    assert "Armenian forces" in charge.speaker
    assert "defence ministry" in denial.speaker
    assert charge.claim.quote.startswith("a variety of firearms, violating")
    assert denial.claim.quote == "We strongly deny this disseminated information."
    assert (charge.claim.citation.paragraph, denial.claim.citation.paragraph) == (5, 9)
    text = "\n".join(m.text for m in messages.answer_messages(answer, 1))
    assert "paragraphs 1, 5, 9" in text
