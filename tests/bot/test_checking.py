"""Whether what was quoted still stands, and what an article says of its own corrections."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import ask
from bot.answers import (
    Account,
    Answer,
    Carrier,
    Citation,
    Claim,
    Coverage,
    Disagreement,
    Dispute,
    Outcome,
    answer_from_plain,
)
from bot.chats import Chats, Given
from bot.check_messages import check_blocks
from bot.checking import Checked, Standing, check, checked_from_plain, judged, same
from bot.citations import Citations
from bot.corrections import corrections
from bot.inbox import Inbox
from bot.messages import messages
from bot.outbox import Due
from bot.plain import plain
from bot.reader.reading import Reader
from bot.rechecking import corrections_of
from bot.update_messages import digests
from bot.updates import Update, update_from_plain
from index import Article, Filters, News, Version
from index.embedding import Embedder
from index.storing import sha256
from tests.bot.edited import EDITED, NOT_TOLD, TOLD
from tests.bot.rendered import THOROUGH, shown
from tests.webserver import Page, WebServer

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
READER = Reader()
FIRST = "The harbour bridge at Lundholm opened on Monday after nine years of work."
COST = "Its cost rose from 40 million to 97 million crowns, the council said."
LANE = "Cyclists share the eastern lane with buses until a second deck is finished."
NOTE = "Correction: An earlier version of this article said that the bridge cost 97 million crowns."


def article(version: int = 1) -> Article:
    return Article(
        7,
        "https://post.example/bridge",
        "https://post.example/bridge",
        "Bridge opens",
        "Lundholm Post",
        None,
        (),
        NOW,
        "en",
        NOW,
        version,
    )


def quoted(text: str, quote: str) -> Claim:
    """A claim on the first version of the article, whose text this is."""
    start = text.index(quote)
    paragraph = text.count("\n\n", 0, start) + 1
    at = Citation(7, 1, paragraph, start, start + len(quote), sha256(text))
    return Claim(quote, at, article(), 0.9)


def become(old: str | None, new: str, quote: str) -> Checked:
    """What became of a quote from ``old`` (None: no longer kept) in ``new``."""
    claim = quoted(old or quote, quote)
    return judged(claim, old, article(2), Version(7, 2, NOW, sha256(new), new))


def text_of(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


class TestJudged:
    """One quote, held against a newer text."""

    def test_what_is_still_there_stands_wherever_it_moved(self) -> None:
        """Another place, another neighbour and other quotation marks change nothing."""
        old = text_of(FIRST, COST)
        for new in (
            text_of(LANE, f"{LANE} {COST}", FIRST),
            text_of(COST.replace(" ", "\u00a0"), FIRST),
            text_of(COST),
        ):
            assert become(old, new, COST).standing is Standing.STANDS
            assert become(None, new, COST).standing is Standing.STANDS
        assert same("He said “no” – twice") == same('He  said "no" - twice')

    def test_a_changed_sentence_comes_with_what_stands_in_its_place(self) -> None:
        """The new sentence is a slice of the new text, with its paragraph."""
        new = text_of(FIRST, LANE, COST.replace("97", "120"))
        checked = become(text_of(FIRST, COST, LANE), new, COST)
        assert checked.standing is Standing.CHANGED
        assert checked.now is not None
        assert checked.now.quote == COST.replace("97", "120")
        at = checked.now.citation
        assert (at.paragraph, at.version, at.sha256) == (3, 2, sha256(new))
        assert new[at.start : at.end] == checked.now.quote

    def test_a_sentence_that_goes_on_is_another_one(self) -> None:
        """What was quoted whole and is now a part of something else has changed."""
        new = text_of(f"It is not true that {COST[0].lower()}{COST[1:]}")
        assert become(text_of(COST), new, COST).standing is Standing.CHANGED

    def test_a_part_of_a_sentence_stands_with_all_of_it(self) -> None:
        """A quote of a few words stands only if the sentence that it was taken from does."""
        part = "from 40 million to 97 million crowns"
        assert become(text_of(COST), text_of(FIRST, COST), part).standing is Standing.STANDS
        new = text_of(COST.replace("the council said", "the council denied"))
        assert become(text_of(COST), new, part).standing is Standing.CHANGED

    def test_a_sentence_that_was_there_before_takes_nobodys_place(self) -> None:
        """What stood beside the quote already is not what it was changed to."""
        twin = COST.replace("council", "mayor")
        old = text_of(FIRST, COST, twin)
        assert become(old, text_of(FIRST, twin), COST).standing is Standing.GONE

    def test_a_correction_is_quoted_and_never_taken_for_the_news(self) -> None:
        """The note repeats what was wrong; it neither upholds nor replaces it."""
        new = text_of(FIRST, f"{NOTE} {COST}", LANE)
        checked = become(text_of(FIRST, COST), new, COST)
        assert checked.standing is Standing.GONE
        assert checked.correction is not None
        assert checked.correction.quote == f"{NOTE} {COST}"
        assert checked.correction.citation.paragraph == 2

    def test_a_quoted_correction_stands_like_anything_else(self) -> None:
        """An answer may have been what the article says of its own mistake."""
        assert become(text_of(FIRST, NOTE), text_of(NOTE, LANE), NOTE).standing is Standing.STANDS

    def test_edits_as_newspapers_make_them(self) -> None:
        """Of twenty written edits the right sentence, or none, is found in at least 18."""
        right = 0
        for quote, after, expected in EDITED:
            checked = become(text_of(FIRST, quote), text_of(FIRST, *after), quote)
            found = checked.now.quote if checked.now else None
            right += found == (None if expected is None else after[expected])
        assert right >= 18, right

    @THOROUGH
    @given(
        st.lists(st.text(max_size=60), max_size=4),
        st.lists(st.text(max_size=60), max_size=4),
        st.booleans(),
    )
    def test_whatever_a_text_becomes_what_is_shown_stands_in_it(
        self, before: list[str], after: list[str], kept: bool
    ) -> None:
        """Any two texts give a standing, and each new sentence is a slice of the new one."""
        old, new = text_of(*before, COST), text_of(*after, FIRST)
        checked = become(old if kept else None, new, COST)
        for claim in (checked.now, checked.correction):
            if claim is not None:
                assert new[claim.citation.start : claim.citation.end] == claim.quote
        assert (checked.now is not None) == (checked.standing is Standing.CHANGED)
        assert checked_from_plain(json.loads(json.dumps(plain(checked)))) == checked

    @THOROUGH
    @given(st.lists(st.sampled_from([FIRST, LANE, NOTE]), max_size=6), st.integers(0, 6))
    def test_a_sentence_among_any_others_stands(self, others: list[str], place: int) -> None:
        """However paragraphs come and go around it, an unchanged paragraph stands."""
        new = text_of(*others[:place], COST, *others[place:])
        assert become(text_of(FIRST, COST), new, COST).standing is Standing.STANDS


class TestCorrections:
    """What articles say of their own mistakes."""

    @pytest.mark.parametrize("note", TOLD)
    def test_a_correction_is_recognised(self, note: str) -> None:
        """The ways in which newspapers say it, between other paragraphs."""
        text = text_of(FIRST, note, LANE)
        assert [text[s.start : s.end] for s in corrections(text)] == [note]

    @pytest.mark.parametrize("sentence", NOT_TOLD)
    def test_other_sentences_are_none(self, sentence: str) -> None:
        """Correction officers, bills and markets are not the article's own mistakes."""
        assert corrections(text_of(FIRST, sentence)) == ()

    def test_a_label_alone_stands_for_what_follows(self) -> None:
        """Of a heading "Correction" the paragraph behind it is quoted."""
        text = text_of(FIRST, "Correction", COST, LANE)
        assert [text[s.start : s.end] for s in corrections(text)] == [COST]

    @THOROUGH
    @given(st.text(max_size=200))
    def test_any_text_gives_slices_in_order(self, text: str) -> None:
        """Spans are within the text, not empty, and do not overlap."""
        end = 0
        for span in corrections(text):
            assert end <= span.start < span.end <= len(text)
            end = span.end


def feed(url: str, *entries: tuple[str, str]) -> Page:
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><link>{url}/{name}</link>"
        f"<title>Bridge {name}</title><content:encoded><![CDATA[{body}]]></content:encoded></item>"
        for name, body in entries
    )
    xml = (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Lundholm Post</title><link>/</link>{items}</channel></rss>"
    )
    return Page(xml.encode(), content_type="application/rss+xml")


def page(*paragraphs: str) -> Page:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    html = (
        "<html lang='en'><head><title>Bridge opens in Lundholm</title></head><body><article>"
        f"<h1>Bridge opens in Lundholm</h1>{body}</article></body></html>"
    )
    return Page(html.encode())


async def asked(news: News, question: str) -> Answer:
    return await asyncio.to_thread(ask, news, question, Filters(), NOW, READER.read)


async def checked(news: News, answer: Answer) -> tuple[Checked, ...]:
    return await asyncio.to_thread(check, news, answer)


class TestPages:
    """A page that changes and goes, from its web server to what is said of an answer."""

    @pytest.fixture
    async def server(self) -> AsyncIterator[WebServer]:
        async with WebServer() as running:
            yield running

    @pytest.fixture
    def news(self, tmp_path: Path, embedder: Embedder) -> Iterator[News]:
        opened = News(tmp_path / "data", embedder=embedder, allow_private=True)
        yield opened
        opened.close()

    async def test_a_changed_page_answers_anew_and_flags_the_old_answer(
        self, news: News, server: WebServer
    ) -> None:
        """The refresh makes a new version; search answers from it; the old quote is shown as
        changed, with the sentence of today and the page's own correction."""
        question = "How much did the bridge at Lundholm cost?"
        server.pages["/bridge"] = page(FIRST, COST, LANE)
        await news.add([f"{server.url}/bridge"])
        before = await asked(news, question)
        assert before.claims[0].quote == COST
        assert (await checked(news, before))[0].standing is Standing.STANDS
        server.pages["/bridge"] = page(FIRST, COST.replace("97", "120"), LANE, NOTE)
        [refreshed] = await news.refresh(everything=True)
        assert (refreshed.new, refreshed.changed) == (0, 1)
        after = await asked(news, question)
        assert after.claims[0].quote == COST.replace("97", "120")
        assert after.claims[0].citation.version == 2
        assert not any(COST in p.text for p in news.search("cost 97 million crowns"))
        [first, *_] = await checked(news, before)
        assert first.standing is Standing.CHANGED
        assert first.now is not None and first.now.quote == COST.replace("97", "120")
        assert first.correction is not None and first.correction.quote == NOTE
        for claim in (first.claim, first.now, first.correction):
            at = claim.citation
            stored = news.quote(at.article, at.version, at.start, at.end, at.sha256)
            assert stored == claim.quote
        assert (await checked(news, after))[0].standing is Standing.STANDS

    async def test_a_removed_source_leaves_its_quotes_removed(
        self, news: News, server: WebServer
    ) -> None:
        """The old quote is said to be removed, from the answer itself; added again it stands."""
        server.pages["/bridge"] = page(FIRST, COST, LANE)
        [added] = await news.add([f"{server.url}/bridge"])
        before = await asked(news, "How much did the bridge at Lundholm cost?")
        source = added.refreshed[0].source
        assert await asyncio.to_thread(news.remove, source) == 1
        gone = await checked(news, before)
        assert {c.standing for c in gone} == {Standing.REMOVED}
        [message] = messages(check_blocks(before.question, NOW, gone))
        assert "no longer among my sources" in message.text
        assert COST in message.text
        after = await asked(news, "How much did the bridge at Lundholm cost?")
        assert after.outcome is Outcome.NOT_IN_SOURCES
        await news.add([f"{server.url}/bridge"])
        assert {c.standing for c in await checked(news, before)} == {Standing.STANDS}

    async def test_what_another_source_carries_too_is_not_removed(
        self, news: News, server: WebServer
    ) -> None:
        """An article stays as long as one source has it."""
        long = f"<p>{FIRST}</p><p>{COST}</p><p>{LANE}</p>" * 2
        for name in ("/one", "/two"):
            server.pages[name] = feed(server.url, ("a", long))
        [one, _] = await news.add([f"{server.url}/one", f"{server.url}/two"])
        before = await asked(news, "How much did the bridge at Lundholm cost?")
        await asyncio.to_thread(news.remove, one.refreshed[0].source)
        assert {c.standing for c in await checked(news, before)} == {Standing.STANDS}

    async def test_a_damaged_text_is_not_taken_for_an_edit(
        self, news: News, server: WebServer, tmp_path: Path
    ) -> None:
        """When the stored text is not what its hash says, nobody can say what stands."""
        server.pages["/bridge"] = page(FIRST, COST, LANE)
        await news.add([f"{server.url}/bridge"])
        before = await asked(news, "How much did the bridge at Lundholm cost?")
        with sqlite3.connect(tmp_path / "data" / "news.db") as database:
            database.execute("UPDATE versions SET text = replace(text, '97', '98')")
        assert {c.standing for c in await checked(news, before)} == {Standing.UNREADABLE}


class TestShown:
    """What became of an answer, as people read it."""

    def test_every_standing_is_said_with_what_was_quoted(self) -> None:
        """Old and new sentence, correction and source are in what Telegram shows."""
        old, new = text_of(FIRST, COST, LANE), text_of(FIRST, COST.replace("97", "120"), NOTE)
        found = [become(old, new, quote) for quote in (FIRST, COST, LANE)]
        found.append(Checked(quoted(old, COST), Standing.REMOVED))
        [message] = messages(check_blocks("What did it cost?", NOW, found))
        text = shown(message).text
        order = (
            "What did it cost?",
            "Answered on 2 March 2026",
            "Still stands:",
            FIRST,
            "The article says of itself:",
            NOTE,
            "The article has changed. It said:",
            COST,
            "Now it says:",
            COST.replace("97", "120"),
            "The article has changed and no longer says this:",
            LANE,
            "Removed: this article is no longer among my sources. It said:",
            "[1] Bridge opens · Lundholm Post · 2 March 2026 · paragraphs 1, 2, 3",
        )
        at = 0
        for words in order:
            at = text.index(words, at)
        assert text.count(NOTE) == 1

    def test_several_that_wait_come_as_one_digest(self) -> None:
        """What is told of two answers at once is one message, with both of each."""
        old, new = text_of(FIRST, COST), text_of(FIRST, COST.replace("97", "120"))
        dues = [
            Due(i, 5, 0, 0, again(p.update), True, 1, 7, NOW, NOW)
            for i in (1, 2)
            for p in corrections_of(
                Given(i, 5, f"Question {i}?", "q", answer_with(quoted(old, COST)), NOW, 1, 2),
                [become(old, new, COST)],
            )
        ]
        [(held, [message])] = digests(dues)
        assert held == dues
        text = shown(message).text
        assert text.startswith("2 updates")
        assert [f"No longer as I answered: Question {i}?" in text for i in (1, 2)] == [True, True]
        assert text.count(COST) == text.count(COST.replace("97", "120")) == 2

    def test_an_answer_without_quotes_says_so(self) -> None:
        """Of an answer that the sources do not say there is nothing to check."""
        [message] = messages(check_blocks("Who won?", NOW, ()))
        assert "nothing to check" in message.text


class TestKept:
    """The answers themselves, which must be there and readable a year later."""

    def test_an_answer_is_kept_whole(self, tmp_path: Path) -> None:
        """Version, place, hash and article come back as they were; only /forget deletes it."""
        answer = answer_with(quoted(text_of(FIRST, COST), COST))
        chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
        for chat in (5, 6):
            chats.chat(chat, "private", NOW)
        number = chats.give(Given(0, 5, "q", "q", answer, NOW, 1, thread=3), 1)
        chats.shown(number, 2)
        # What is received and handled later prunes the inbox, and nothing else.
        later = NOW.replace(year=NOW.year + 1)
        Inbox(chats.engine).receive([{"update_id": 9}], later)
        chats.close()
        chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
        kept = chats.given(number)
        assert kept is not None
        assert (kept.answer, kept.given, kept.thread) == (answer, NOW, 3)
        citations = Citations(chats.engine)
        assert [g.id for g in citations.shown({7}, set())] == [number]
        assert [g.id for g in citations.shown(set(), {article().key})] == [number]
        assert citations.shown({8}, {"https://post.example/other"}) == []
        assert [g.id for g in citations.since(later)] == []
        chats.forget(6)
        assert [g.id for g in citations.since()] == [number]
        chats.forget(5)
        assert (chats.given(number), citations.shown({7}, set())) == (None, [])
        chats.close()

    def test_an_answer_takes_the_place_of_one_that_was_never_sent(self, tmp_path: Path) -> None:
        """Only of the same update, and never of one that was given without any."""
        chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
        answer = answer_with(quoted(text_of(FIRST, COST), COST))
        for update in (None, None, 1, 1, 2):
            chats.give(Given(0, 5, "q", "q", answer, NOW, 1), update)
        assert [g.id for g in Citations(chats.engine).since()] == [1, 2, 4, 5]
        chats.close()

    def test_what_other_sides_and_outlets_say_is_cited_too(self, tmp_path: Path) -> None:
        """An answer is found by the articles of its accounts and of its carriers."""
        claim = quoted(text_of(FIRST, COST), COST)
        denied, carried = (
            replace(claim, article=replace(article(), id=i, key=f"https://post.example/{i}"))
            for i in (8, 9)
        )
        dispute = Dispute(Disagreement.DENIAL, (Account("A", claim), Account("B", denied)))
        answer = replace(
            answer_with(claim), accounts=(dispute,), carriers=(Carrier(carried, copy_of=None),)
        )
        chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
        number = chats.give(Given(0, 5, "q", "q", answer, NOW, 1), 1)
        chats.shown(number, 2)
        for i in (7, 8, 9):
            assert [g.id for g in Citations(chats.engine).shown({i}, set())] == [number]
        chats.close()

    def test_an_edited_question_cites_what_its_new_answer_cites(self, tmp_path: Path) -> None:
        """An article that only the replaced answer quoted is not its business any more."""
        chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
        answer = answer_with(quoted(text_of(FIRST, COST), COST))
        number = chats.give(Given(0, 5, "q", "q", answer, NOW, 1), 1)
        chats.shown(number, 2)
        chats.replace_answer(number, "q", answer_with())
        assert Citations(chats.engine).shown({7}, set()) == []
        chats.close()

    def test_answers_from_before_citations_were_noted_are_found(self, tmp_path: Path) -> None:
        """The migration reads which articles the answers there cite."""
        url = f"sqlite:///{tmp_path / 'chats.db'}"
        chats = Chats(url)
        answer = answer_with(quoted(text_of(FIRST, COST), COST))
        number = chats.give(Given(0, 5, "q", "q", answer, NOW, 1), 1)
        chats.shown(number, 2)
        chats.close()
        with sqlite3.connect(tmp_path / "chats.db") as database:
            database.execute("DROP TABLE citations")
            database.execute("ALTER TABLE answers DROP COLUMN thread")
            database.execute("ALTER TABLE cursors DROP COLUMN stored")
            database.execute("UPDATE chats_history SET version_num = '0002_subscriptions'")
        chats = Chats(url)
        assert [g.id for g in Citations(chats.engine).shown({7}, set())] == [number]
        assert chats.given(number) is not None
        chats.close()

    def test_an_answer_of_the_first_newsbot_is_read(self) -> None:
        """What was stored in March 2026 is read by every later version, field for field."""
        stored = json.loads(STORED)
        answer = answer_from_plain(stored)
        assert answer.claims[0].quote == "It cost 97 million crowns."
        assert answer.claims[0].citation == Citation(7, 2, 3, 10, 36, "ab" * 32)
        assert answer.claims[0].article.key == "https://post.example/bridge"
        assert answer.outcome is Outcome.ANSWERED


def again(update: Update) -> Update:
    """An update as it comes back from the outbox."""
    return update_from_plain(json.loads(json.dumps(plain(update))))


def answer_with(*claims: Claim) -> Answer:
    outcome = Outcome.ANSWERED if claims else Outcome.NOT_IN_SOURCES
    return Answer("q", outcome, claims, Coverage(1, NOW, NOW, ("Lundholm Post",)), NOW)


STORED = """
{"question": "What did the bridge cost?", "outcome": "answered", "short": null,
 "as_of": "2026-03-02T12:00:00+00:00",
 "coverage": {"articles": 1, "earliest": null, "latest": null, "outlets": ["Lundholm Post"]},
 "claims": [{"quote": "It cost 97 million crowns.", "score": 0.9, "speaker": null,
  "citation": {"article": 7, "version": 2, "paragraph": 3, "start": 10, "end": 36,
   "sha256": "abababababababababababababababababababababababababababababababab"},
  "article": {"id": 7, "key": "https://post.example/bridge",
   "url": "https://post.example/bridge", "title": "Bridge opens", "outlet": "Lundholm Post",
   "section": null, "authors": ["Ina Falk"], "published": "2026-03-01T08:00:00+00:00",
   "language": "en", "first_seen": "2026-03-01T09:00:00+00:00", "version": 2}}]}
"""
