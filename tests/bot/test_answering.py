"""Which sentences are shown, when none is, and that what is shown is what is stored."""

import asyncio
import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.answering import ask, coverage, decide, respelled, verified
from bot.answers import Answer, Coverage, Outcome, answer_from_plain
from bot.calibration import CALIBRATION, Calibration
from bot.candidates import Sentence, candidates
from bot.features import UNREAD, Features, words
from bot.plain import plain
from bot.questions import WHO
from bot.reader.reading import NO_READING
from index import Filters, News
from index.articles import Article, Paragraph, Passage
from index.storing import sha256
from tests.fakes import StandInEmbedder

NOW = datetime(2024, 5, 7, tzinfo=UTC)
NOTHING_COVERED = Coverage(0, None, None, ())
# The context is the probability's only part, and everything is good enough to show.
SHOW_ALL = Calibration(0.0, {"context": 1.0}, answered=0.0, closest=0.0)

FIRST = "The harbour bridge at Lundholm opened on Monday after ninety months of work."
SECOND = "The bridge at Lundholm cost ninety million crowns, the council said on Monday."
QUESTION = "What did the bridge at Lundholm cost?"
TYPED = "What did the brigde at Lundhom cost?"


def passage(
    text: str, *, article: int = 1, title: str = "A title", published: datetime | None = None
) -> Passage:
    """A paragraph that is its article's whole text."""
    kept = Article(article, f"k{article}", None, title, None, None, (), published, None, NOW, 1)
    place = Paragraph(article, article, 1, 1, 0, len(text))
    return Passage(kept, place, sha256(text), text, 1.0, 0.5, 1.0)


def sentence(
    text: str, probability: float, *, article: int = 1, published: datetime | None = None
) -> Sentence:
    """A whole paragraph as a candidate that SHOW_ALL and its like give this probability."""
    logit = log(probability / (1 - probability))
    source = passage(text, article=article, published=published)
    return Sentence(source, 0, len(text), Features(logit, 0, 0))


def decided(
    sentences: Sequence[Sentence], *, answered: float = 0.0, closest: float = 0.0
) -> Answer:
    calibration = Calibration(0.0, {"context": 1.0}, answered=answered, closest=closest)
    return decide("q", sentences, NOTHING_COVERED, NOW, calibration)


def read_as(
    *, sure: float = 0.9, rival: str = "Italy won.", rivals: float = 0.2, question: str = "Who won?"
) -> Answer:
    """What is decided of a sentence in which the reader found "Spain", beside another one.

    ``sure`` and ``rivals`` are the probabilities of the two.
    """
    found = replace(sentence("Spain beat England and won the cup.", sure), span=(0, len("Spain")))
    other = sentence(rival, rivals, article=2)
    calibration = Calibration(0.0, {"context": 1.0}, answered=0.5, closest=0.1, short=2.0)
    return decide(question, [other, found], NOTHING_COVERED, NOW, calibration)


def rare(words: Sequence[str]) -> list[float]:
    """Every word is equally rare."""
    return [1.0] * len(words)


def nothing_else(_articles: Collection[int]) -> dict[int, str]:
    """No article holds more than the passage that was found."""
    return {}


@pytest.mark.parametrize(
    ("probability", "outcome", "shown"),
    [
        (0.81, Outcome.ANSWERED, 1),
        (0.79, Outcome.CLOSEST, 1),
        (0.41, Outcome.CLOSEST, 1),
        (0.39, Outcome.NOT_IN_SOURCES, 0),
    ],
)
def test_the_best_sentence_and_two_thresholds_decide(
    probability: float, outcome: Outcome, shown: int
) -> None:
    """From the first threshold on it is an answer, from the second the closest, below nothing."""
    answer = decided([sentence("It is so.", probability)], answered=0.8, closest=0.4)
    assert (answer.outcome, len(answer.claims)) == (outcome, shown)


def test_a_short_answer_is_shown_where_nothing_else_is_nearly_as_likely() -> None:
    """The reader's words stand first only where their sentence leads by enough log-odds."""
    assert read_as(sure=0.9, rivals=0.5).short == "Spain"
    assert read_as(sure=0.9, rivals=0.6).short is None


def test_what_says_the_same_is_no_rival_of_a_short_answer() -> None:
    """In whatever case, as a word of its own: "Spaniards" are not "Spain"."""
    assert read_as(rival="And so SPAIN won.", rivals=0.85).short == "Spain"
    assert read_as(rival="The Spaniards won.", rivals=0.85).short is None


@pytest.mark.parametrize(
    ("said", "rivals"),
    [
        ("Nine years", False),
        ("Nine months", True),
        ("The", True),
        ("Nine years of jail time", False),
    ],
)
def test_a_shorter_short_answer_is_no_rival(said: str, rivals: bool) -> None:
    """Whose words are all in it too; words that mean nothing do not make it so."""
    short = "nine years of jail time"
    first = replace(sentence(f"{short} is her sentence.", 0.9), span=(0, len(short)))
    text = f"{said} is what it will be."
    other = replace(sentence(text, 0.85, article=2), span=(0, len(said)))
    calibration = Calibration(0.0, {"context": 1.0}, answered=0.5, closest=0.1, short=2.0)
    answer = decide("How long is it?", [first, other], NOTHING_COVERED, NOW, calibration)
    assert (answer.short is None) == rivals


@pytest.mark.parametrize(
    ("text", "span", "short"),
    [
        ("The judoka Al Ba and the sprinter Cy Do lit it.", "Cy Do", None),
        ("The judoka Al Ba and the sprinter Cy Do lit it.", "The judoka Al Ba", None),
        ("Al Ba, Cy Do and Ed Fo lit it.", "Al Ba", None),
        ("Al Ba, Cy Do, and Ed Fo lit it.", "Cy Do", None),
        ("Al Ba and Cy Do lit it.", "Al Ba and Cy Do", "Al Ba and Cy Do"),
        ("Al Ba lit it and waved.", "Al Ba", "Al Ba"),
        ("It belonged to Al Ba and chartered by Cy Do.", "Al Ba", "Al Ba"),
        ("It cost two and The Hague paid three.", "two", "two"),
    ],
)
def test_one_name_of_several_is_no_short_answer(text: str, span: str, short: str | None) -> None:
    """What a sentence says of two is not answered by one of them; both, or none, stand first."""
    start = text.index(span)
    found = replace(sentence(text, 0.9), span=(start, start + len(span)))
    calibration = Calibration(0.0, {"context": 1.0}, answered=0.5, closest=0.1, short=2.0)
    assert decide("Who lit it?", [found], NOTHING_COVERED, NOW, calibration).short == short


def test_an_answer_that_is_not_sure_has_no_short_one() -> None:
    """However far it is ahead of the others: it is only the closest that was found."""
    assert read_as(sure=0.51, rivals=0.001).short == "Spain"
    assert read_as(sure=0.49, rivals=0.001).short is None


@pytest.mark.parametrize("question", ["Did Spain win?", "and has Spain won the cup?"])
def test_yes_or_no_has_no_short_answer(question: str) -> None:
    """No few words of a sentence say yes or no; a choice between two is no such question."""
    assert read_as(question=question).short is None
    assert read_as(question="Did Spain or England win?").short == "Spain"


def test_a_quotation_in_a_short_answer_is_shown_to_its_end() -> None:
    """The mark behind the span belongs to what it opened."""
    text = "He called them a “good and fair” pair."
    found = replace(sentence(text, 0.5), span=(text.index("a “"), text.index("”")))
    assert found.short == "a “good and fair”"


@pytest.mark.parametrize(
    ("speaker", "first"),
    [
        (None, "The bridge is closed for good, said Bo Ek."),
        ("the mayor Ann Lee", "The bridge will open again, said Ann Lee."),
        ("Mayor Lee of the river town", "The bridge will open again, said Ann Lee."),
        (WHO, "The bridge is closed for good, said Bo Ek."),
        ("Cato", "The bridge is closed for good, said Bo Ek."),
    ],
)
def test_who_is_asked_for_comes_first(speaker: str | None, first: str) -> None:
    """What others say, and what nobody says, stands behind what is nearly as likely and his."""
    sentences = [
        sentence("The bridge is closed for good, said Bo Ek.", 0.60, article=1),
        sentence("The bridge will open again, said Ann Lee.", 0.55, article=2),
        sentence("The bridge has been closed.", 0.65, article=3),
    ]
    answer = decide("q", sentences[:2], NOTHING_COVERED, NOW, SHOW_ALL, speaker)
    assert answer.claims[0].quote == first
    answer = decide("q", sentences, NOTHING_COVERED, NOW, SHOW_ALL, speaker)
    named = speaker is not None and speaker != "Cato"
    assert answer.claims[0].quote == (first if named else "The bridge has been closed.")


@pytest.mark.parametrize(
    ("newer", "first"),
    [(0.7, "in May"), (0.65, "in May"), (0.5, "in March")],
    ids=["as likely", "nearly as likely", "far less likely"],
)
def test_of_two_that_are_nearly_as_likely_the_newer_comes_first(newer: float, first: str) -> None:
    """What is newer is shown first unless what is older answers far better."""
    sentences = [
        sentence("A gallon was $4.32 in March.", 0.7, published=NOW - timedelta(days=60)),
        sentence("A gallon was $4.10 in May.", newer, article=2, published=NOW),
    ]
    assert first in decided(sentences).claims[0].quote


def test_age_counts_for_little_against_what_answers_better() -> None:
    """However old it is, what is a quarter likelier stays first."""
    sentences = [
        sentence("It sank in 1912.", 0.9, published=NOW - timedelta(days=40_000)),
        sentence("It lies in deep water.", 0.7, article=2, published=NOW),
    ]
    assert decided(sentences).claims[0].quote == "It sank in 1912."


def test_no_sentence_is_not_in_the_sources() -> None:
    """Without a candidate nothing is answered, whatever the thresholds are."""
    assert decided([], closest=0.01).outcome is Outcome.NOT_IN_SOURCES


def test_the_likeliest_are_shown_three_in_all_two_of_one_article() -> None:
    """Likeliest first, the third of an article gives way to another's."""
    answer = decided(
        [
            sentence("Alpha bravo.", 0.8, article=1),
            sentence("Charlie delta.", 0.9, article=1),
            sentence("Echo foxtrot.", 0.85, article=1),
            sentence("Golf hotel.", 0.75, article=2),
            sentence("India juliet.", 0.7, article=3),
        ]
    )
    assert [c.quote for c in answer.claims] == ["Charlie delta.", "Echo foxtrot.", "Golf hotel."]


def test_the_same_words_are_shown_once() -> None:
    """What another article repeats word for word, but for marks, is no second claim."""
    answer = decided(
        [
            sentence("The bridge has opened.", 0.9, article=1),
            sentence("“The bridge has opened!”", 0.9, article=2),
        ]
    )
    assert len(answer.claims) == 1


def test_a_sentence_far_less_likely_than_the_first_is_not_shown() -> None:
    """What is far less likely an answer than the first is left out, though good enough alone."""
    likely, unlikely = sentence("Alpha bravo.", 0.9), sentence("Charlie delta.", 0.3, article=2)
    assert len(decided([likely, unlikely], closest=0.2).claims) == 1
    assert len(decided([unlikely], closest=0.2).claims) == 1


@given(
    st.lists(st.tuples(st.integers(1, 4), st.floats(0.01, 0.99), st.integers(0, 30)), max_size=25)
)
def test_any_candidates_give_at_most_three_claims_in_order(
    drawn: list[tuple[int, float, int]],
) -> None:
    """At most three claims, at most two of an article, none twice, likeliest first."""
    claims = decided(
        [sentence(f"Word{n} is said.", p, article=article) for article, p, n in drawn]
    ).claims
    articles = [c.article.id for c in claims]
    assert len(claims) <= 3
    assert all(articles.count(article) <= 2 for article in articles)
    assert len({c.quote for c in claims}) == len(claims)
    assert [c.score for c in claims] == sorted((c.score for c in claims), reverse=True)
    assert bool(claims) == bool(drawn)


def test_a_sentence_that_asks_is_no_candidate() -> None:
    """A question in the news answers nothing."""
    found = candidates(
        QUESTION, [passage(f"{SECOND} What did the bridge cost?")], rare, nothing_else
    )
    assert [s.text for s in found] == [SECOND]


def test_the_title_counts_for_what_a_sentence_calls_it() -> None:
    """Words of the article's title are a part of a sentence's context."""
    there, elsewhere = (
        candidates(QUESTION, [passage("Its cost rose.", title=title)], rare, nothing_else)[
            0
        ].features
        for title in ("Lundholm has a bridge", "Snow in the south")
    )
    assert 0 < elsewhere.context < there.context


def test_what_was_not_read_is_told_from_what_nothing_was_found_in() -> None:
    """Without a reader a sentence counts neither way; one that it read in vain counts against."""
    [unread] = candidates(QUESTION, [passage(SECOND)], rare, nothing_else)
    in_vain = candidates(
        QUESTION,
        [passage(SECOND)],
        rare,
        nothing_else,
        lambda _, texts, __: [NO_READING] * len(texts),
    )
    assert unread.features.reading == UNREAD
    assert [s.features.reading for s in in_vain] == [0.0]


PAID = "It is in Lundholm. The council paid, as a British paper tells us."


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Who paid for the bridge at Lundholm?", 1.0),
        ("Who paid for the bridge at Malmo?", 0.0),
        ("Who paid for Lundholm's bridge in 2019?", 0.5),
        ("Who paid for the bridge in 2024?", 1.0),
        ("who paid for the bridge at malmo?", 1.0),
        ("Who in the UK paid?", 1.0),
        ("Who in China paid?", 0.0),
        ("Who paid for the women's bridge?", 0.0),
        ("Who paid for the men’s bridge?", 0.0),
        ("Who paid, men or women?", 1.0),
    ],
)
def test_the_whole_article_is_looked_at_for_the_names_asked_about(
    question: str, share: float
) -> None:
    """Names and figures of the question stand in the article, its title or its day, or not."""
    found = passage("The council paid.")
    dated = replace(found, article=replace(found.article, published=NOW))
    [one] = candidates(question, [dated], rare, lambda _: {1: PAID})
    assert one.features.names == share


def test_a_verb_is_as_rare_as_its_commonest_form() -> None:
    """ "Won" counts by how often news says "won", though the index has no "win"."""
    rarity = {"won": 0.0, "win": 9.0, "elect": 9.0}
    [found] = candidates(
        "Who won the election?",
        [passage("Spain won the match.")],
        lambda words: [rarity.get(word, 9.0) for word in words],
        nothing_else,
    )
    assert found.features.context < 0.25


def test_who_wont_has_not_won() -> None:
    """A contraction is the words that it stands for, with either apostrophe."""
    for apostrophe in "'’":
        assert words(f"Ann won{apostrophe}t play") == words("Ann will not play")
        assert words(f"Ann{apostrophe}s friends didn{apostrophe}t") == words("Ann friends did")


def test_the_committed_thresholds_stand_beside_what_they_were_fitted_on() -> None:
    """The calibration names every feature, its data and its held-out figures."""
    assert set(CALIBRATION.weights) == set(Features.__dataclass_fields__)
    assert 0 < CALIBRATION.closest < CALIBRATION.answered < 1
    for name in ("quiz", "wikinews"):
        assert CALIBRATION.data[name]["fitted on"]["near miss"] > 0
        figure = CALIBRATION.figures[name]["refusal recall, near misses"]
        assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1


def written(title: str, *paragraphs: str) -> str:
    return f"---\ntitle: {title}\n---\n" + "\n\n".join(paragraphs) + "\n"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    """Two articles on a bridge, in a real archive."""
    files = tmp_path / "articles"
    files.mkdir()
    (files / "cost.md").write_text(written("Bridge costs more", SECOND, FIRST))
    (files / "open.md").write_text(
        written("Bridge opens", FIRST.replace("ninety", "many"), "Snow fell on the town.")
    )
    opened = News(tmp_path / "data", embedder=StandInEmbedder())
    asyncio.run(opened.add([str(files)]))
    yield opened
    opened.close()


def alter(news: News, old: str, new: str) -> None:
    """Change stored texts behind newsbot's back, keeping every length."""
    assert len(old) == len(new)
    with sqlite3.connect(news.folder / "news.db") as database:
        changed = database.execute(
            "UPDATE versions SET text = replace(text, ?, ?) WHERE instr(text, ?)", (old, new, old)
        )
        assert changed.rowcount > 0
    database.close()


def test_an_altered_version_is_not_quoted(news: News) -> None:
    """A text that no longer has its hash is found by search but never shown."""
    before = ask(news, QUESTION, Filters(), NOW)
    assert before.claims[0].quote == SECOND
    alter(news, "ninety", "eighty")
    after = ask(news, QUESTION, Filters(), NOW)
    assert any("eighty" in p.text for p in news.search(QUESTION))
    assert all("eighty" not in c.quote and "ninety" not in c.quote for c in after.claims)
    assert after.outcome is not Outcome.ANSWERED


def test_an_answer_loses_its_quotes_when_their_text_is_altered_before_it_is_shown(
    news: News,
) -> None:
    """Claims of the altered article go, the others stay, and the outcome falls with the first."""
    sentences = candidates(QUESTION, news.search(QUESTION), news.rarities, news.texts)
    answer = decide(QUESTION, sentences, coverage(news), NOW, SHOW_ALL)
    assert verified(answer, news.quote) == answer
    gone = answer.claims[0].article.id
    assert {c.article.id for c in answer.claims} > {gone}
    alter(news, "ninety", "eighty")
    left = verified(answer, news.quote)
    assert left.claims == tuple(c for c in answer.claims if c.article.id != gone)
    assert left.outcome is Outcome.CLOSEST
    alter(news, "many", "four")
    nothing = verified(answer, news.quote)
    assert (nothing.claims, nothing.outcome) == ((), Outcome.NOT_IN_SOURCES)


def test_an_altered_word_anywhere_in_the_version_takes_all_its_quotes(news: News) -> None:
    """The hash is of the whole text: a change outside of the quote counts too."""
    before = ask(news, QUESTION, Filters(), NOW)
    alter(news, "months", "minute")
    assert before.claims[0].quote == SECOND
    assert all(c.quote != SECOND for c in verified(before, news.quote).claims)


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[News]:
    """An archive that gets one more version of one article with every example."""
    opened = News(tmp_path_factory.mktemp("growing"), embedder=StandInEmbedder())
    yield opened
    opened.close()


_WORDS = st.sampled_from(
    (
        *"bridge Lundholm cost council 97 3.5 Mr. U.S. “opened” it’s é 𝒳 日本 – ? ! . …".split(),
        *("\n\n", "e\u0301", "a\u00a0b"),
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(_WORDS, min_size=8, max_size=80).map(" ".join), st.lists(_WORDS, max_size=5))
def test_every_shown_quote_is_the_stored_slice(growing: News, text: str, asked: list[str]) -> None:
    """Whatever an article holds, each claim is word for word its version's slice, by its hash."""
    path = growing.folder / "article.md"
    path.write_text(written("Bridge", f"The bridge at Lundholm opened {text}."), encoding="utf-8")
    [added] = asyncio.run(growing.add([str(path)]))
    assume(added.error is None and all(r.error is None for r in added.refreshed))
    question = " ".join(["bridge", *asked])
    sentences = candidates(question, growing.search(question), growing.rarities, growing.texts)
    answer = decide(question, sentences, coverage(growing), NOW, SHOW_ALL)
    assert answer.claims or not sentences
    assert verified(answer, growing.quote) == answer
    for claim in answer.claims:
        c = claim.citation
        version = growing.archive.version(c.article, c.version)
        assert version is not None
        assert version.number == claim.article.version
        assert version.sha256 == c.sha256 == sha256(version.text)
        assert version.text[c.start : c.end] == claim.quote


def test_a_misspelt_word_is_read_as_the_one_meant(news: News) -> None:
    """The answer is that of the question spelt right, and says how it was read."""
    right, wrong = (ask(news, q, Filters(), NOW) for q in (QUESTION, TYPED))
    assert TYPED != QUESTION
    assert wrong == replace(right, typed=TYPED)
    assert answer_from_plain(json.loads(json.dumps(plain(wrong)))) == wrong


def test_names_of_days_and_outlets_are_no_misspelt_words(news: News) -> None:
    """Only the words of the topic are looked at: those that limit it are understood already."""
    asked = "What did Lundholm Pots say of the bridge on Wendesday?"
    found = respelled(asked, "the bridge", lambda word: word.upper())
    assert found == "What did Lundholm Pots say of THE BRIDGE on Wendesday?"
    assert ask(news, "Of the?", Filters(), NOW).typed is None
