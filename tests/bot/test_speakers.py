"""Who says a sentence: by verbs, quotation marks and pronouns, or nobody."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.hedges import Hedge, hedge
from bot.quotations import masked, quotations
from bot.saying_verbs import Stance
from bot.speakers import Saying, saying_of, sayings
from index.paragraphs import LONGEST_WORDS, split_sentences
from tests.bot import written


def said(paragraph: str, sentence: int = -1) -> Saying | None:
    """Who says a sentence of a paragraph; by default its last."""
    spans = split_sentences(paragraph, 0, len(paragraph))
    return saying_of(paragraph, spans[sentence].start, spans[sentence].end)


def speaker(paragraph: str, sentence: int = -1) -> str | None:
    found = said(paragraph, sentence)
    return found.speaker if found else None


PORT = "Port of Delft, Delft's lock keeper, Mara Olsen"


@pytest.mark.parametrize(
    ("paragraph", "who"),
    [
        ("The lock is shut, the canal office said on Friday.", "the canal office"),
        ("“The lock is shut,” said Mara Olsen, who steers a barge.", "Mara Olsen"),
        ("“The lock,” Mara Olsen said, “is shut.”", "Mara Olsen"),
        ('"The lock is shut," Mara Olsen said.', "Mara Olsen"),
        ("Mara Olsen said: “The lock is shut.”", "Mara Olsen"),
        ("Mara Olsen, a boatwoman from Delft, said that the lock was shut.", "Mara Olsen"),
        ("On Friday, the mayor of Delft told reporters the lock was shut.", "the mayor of Delft"),
        ("According to Mara Olsen, the lock is shut.", "Mara Olsen"),
        ("The lock is shut, according to Mara Olsen.", "Mara Olsen"),
        ("The boat was towed away, but its owner says that it was not in the way.", "its owner"),
        ("Italy said the lock was open.", "Italy"),
        (
            "“It is shut,” said the council's keeper, Mara Olsen.",
            "the council's keeper, Mara Olsen",
        ),
        ("“It is shut,” said Port of Delft, Delft's lock keeper, Mara Olsen, on Friday.", PORT),
        ("“It is shut,” said Delft, Mara Olsen, and others.", "Delft"),
        ("Mara Olsen, head of the body that ran the lock, said it was shut.", "Mara Olsen"),
        ("The council closed the lock, saying that a gate was loose.", "The council"),
        ("The canal was accused by two fishermen of losing water.", "two fishermen"),
    ],
)
def test_the_words_around_a_verb_tell_who_speaks(paragraph: str, who: str) -> None:
    """Before the verb or behind it, with a title or a relative clause: the name alone."""
    assert speaker(paragraph) == who


@pytest.mark.parametrize(
    "paragraph",
    [
        "The lock is shut.",
        "The mayor did not say when the lock would open.",
        "The mayor neither confirmed nor denied it.",
        "The mayor may deny the report.",
        "If the mayor denies it, the council will vote.",
        "Reports of a leak reached the mayor.",
        "The mayor was denied entry.",
        "The council rejected the budget.",
        "It is said to be the oldest lock of the country.",
        "A sign on the gate read “closed”.",
        "No group has claimed the attack.",
    ],
)
def test_nobody_is_named_where_nobody_speaks(paragraph: str) -> None:
    """Silence, refusals, nouns and hypotheses have no speaker."""
    assert speaker(paragraph) is None


@pytest.mark.parametrize(
    ("paragraph", "who"),
    [
        ("Mara Olsen came first. She said the lock was shut.", "Mara Olsen"),
        ("Mara Olsen came with Ida Berg. He said the lock was shut.", None),
        ("She said the lock was shut.", None),
        ("The ministry said the lock was shut.", None),
        ("The Dutch transport ministry sent a boat. The ministry said it would help.", "ministry"),
        ("Boatmen from Delft were angry. They said the lock was shut.", "Boatmen from Delft"),
        ("Her father Jan Olsen spoke. His son left. He said the lock was shut.", None),
    ],
)
def test_a_pronoun_is_resolved_in_its_paragraph_or_not_at_all(
    paragraph: str, who: str | None
) -> None:
    """A pronoun means who acted or spoke before it in the paragraph, if only one fits."""
    found = speaker(paragraph)
    assert found is None if who is None else found is not None and found.endswith(who)


def test_a_quotation_goes_on() -> None:
    """A quotation's later and earlier sentences are of whoever is named at one of them."""
    paragraph = "“We waited. It was cold,” Mara Olsen said. “Then we went home.”"
    assert {speaker(paragraph, i) for i in range(3)} == {"Mara Olsen"}
    assert speaker("“We waited,” Mara Olsen said. The gate is 90 years old.") is None


@pytest.mark.parametrize(
    ("paragraph", "stance"),
    [
        ("Delft accused the barge of blocking the lock.", Stance.ACCUSED),
        ("The owner denied that the barge was in the way.", Stance.DENIED),
        ("The owner dismissed the reports as “nonsense”.", Stance.DENIED),
        ("The owner called the claim false.", Stance.DENIED),
        ("The owner said the allegations were untrue.", Stance.DENIED),
        ("“We reject this,” the owner said.", Stance.DENIED),
        ("The owner said it was wrong to close the lock.", Stance.SAID),
        ("The owner claims the lock is his.", Stance.CLAIMED),
        ("The owner confirmed that the barge was his.", Stance.CONFIRMED),
        ("The owner warned that the gate would break.", Stance.WARNED),
    ],
)
def test_the_verb_tells_the_stance(paragraph: str, stance: Stance) -> None:
    """Accusing, denying, claiming, confirming and warning are told apart."""
    found = said(paragraph)
    assert found is not None
    assert found.stance is stance


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("The lock is expected to open in June.", Hedge.EXPECTED),
        ("The lock is due to open in June.", Hedge.EXPECTED),
        ("The lock may stay shut.", Hedge.UNCONFIRMED),
        ("The gate reportedly broke.", Hedge.UNCONFIRMED),
        ("The alleged thief left by boat.", Hedge.UNCONFIRMED),
        ("The delay is due to the storm.", None),
        ("Shouts could be heard from the lock.", None),
        ("The lock opened in May.", None),
    ],
)
def test_what_is_no_fact_is_known(sentence: str, why: Hedge | None) -> None:
    """What is to come or only rumoured is told from causes, abilities and months."""
    assert hedge(sentence) is why


WORDS = st.sampled_from(
    (
        *("said", "He", "the mayor", "denied", "accused", "of", "“", "”", '"', ",", ".", " "),
        *("that", "according to", "Delft", "which", "claims", "‘", "’", "\n", "who", "and"),
        *("but", ";", ":", "(", "was", "by"),
    )
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(written.quotes, st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_can_be_read(paragraph: str) -> None:
    """Whatever a paragraph holds: no error, places inside it, speakers word for word from it."""
    assert len(masked(paragraph, quotations(paragraph))) == len(paragraph)
    for found in sayings(paragraph):
        assert 0 <= found.start <= found.end <= len(paragraph)
        assert 0 <= found.said.start <= found.said.end <= len(paragraph)
        assert found.speaker is None or (found.speaker and found.speaker in paragraph)
        assert found.subject in paragraph


@pytest.mark.parametrize(
    "unit",
    ["said, the ", "“a ", "the claims that ", "of the a ", "was by the ", f"{'x' * 200} said "],
)
def test_a_paragraph_of_the_longest_kind_is_soon_read(unit: str) -> None:
    """No pattern runs away in a paragraph of as many words as the index lets one have."""
    paragraph = " ".join((unit * LONGEST_WORDS).split()[:LONGEST_WORDS])
    began = time.perf_counter()
    sayings(paragraph)
    assert time.perf_counter() - began < 2
