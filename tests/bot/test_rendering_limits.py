"""Long, crowded and damaged texts: cut at claims and between words, with nothing lost."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import messages
from bot.answers import Outcome
from bot.characters import is_boundary
from bot.formatting import Run
from bot.links import web_address
from tests.bot import written
from tests.bot.rendered import THOROUGH, links, shown, slices, undirected
from tests.botapi import Formatted, read_text

LONGEST = 20_000


def repeated(unit: str, length: int = LONGEST) -> str:
    """A text of so many characters."""
    return (unit * (length // len(unit) + 1))[:length]


HUGE_TEXTS = {
    "words": repeated("The ceasefire in Karabakh was brokered by Russia. "),
    "no space": repeated("x"),
    "markup": repeated("</b><&amp;"),
    "ampersands": repeated("&"),
    "emoji": repeated("😀"),
    "families": repeated("👩‍👩‍👧‍👦"),
    "flags": repeated("🇬🇧"),
    "marks": repeated("e\u0301\u0323"),
    "Arabic": repeated("قالت روسيا إن الهدنة صمدت. "),
    "Chinese": repeated("停火协议由俄罗斯斡旋，"),
    "unended isolates": repeated("\u2067ab \u2069\u2069"),
    "lines": repeated("line\n"),
}


def same(parts: Sequence[Formatted], text: str) -> bool:
    said = "".join(undirected(part.text) for part in parts)
    return re.sub(r"[ \n]+", "", said) == re.sub(r"[ \n]+", "", undirected(text))


@pytest.mark.parametrize("text", HUGE_TEXTS.values(), ids=HUGE_TEXTS)
def test_a_text_of_20000_characters_is_cut_where_it_may_be(text: str) -> None:
    """All of it arrives in order, and no cut falls inside what a reader sees as one character."""
    parts = [shown(m) for m in messages.messages([(Run(text, quote=True, theirs=True),)])]
    assert same(parts, text)
    assert len(parts) >= 5
    for before, after in pairwise(parts):
        last, first = undirected(before.text)[-1], undirected(after.text)[0]
        assert unicodedata.category(first)[0] != "M"
        assert "\u200d" not in (last, first)
        if last + first not in text:
            continue
        assert is_boundary(last + first, 1) or "🇬🇧" in text, (last, first)
    for part in parts[:-1]:
        assert part.text.count("\U0001f1ec") == part.text.count("\U0001f1e7")


@pytest.mark.parametrize("text", HUGE_TEXTS.values(), ids=HUGE_TEXTS)
def test_a_huge_quote_keeps_its_mark_and_its_source(text: str) -> None:
    """The mark stands with the quote's last words, and the source has its link."""
    of = written.article(1)
    made = messages.answer_messages(written.answer(written.claim(text, of)), 1)
    parts = [shown(m) for m in made]
    assert all(slices(part, "blockquote") for part in parts[:-1])
    [ended] = [part for part in parts if "❞" in part.text]
    assert re.search(r"[^❝\s\u2069]\s*\u2069*\u00a0❞\u00a0\[1\]", ended.text)
    assert [label for label, _ in links(parts)] == ["Truce broken"]
    assert all(not m.buttons for m in made[:-1])
    assert made[-1].buttons


@pytest.mark.parametrize("emoji", ["😀", "👍🏽", "🇬🇧", "👩‍👩‍👧‍👦", "e\u0301"])
def test_no_cut_falls_inside_a_character_at_the_limit(emoji: str) -> None:
    """With the limit at every place in a character, the character stays whole."""
    for lead in range(4070, 4097):
        text = "x" * lead + emoji * 20
        parts = [shown(m) for m in messages.messages([messages.line(text)])]
        assert "".join(part.text for part in parts) == text
        assert all(re.fullmatch(f"x*(?:{emoji})*", part.text) for part in parts)


def test_a_long_answer_is_cut_between_claims() -> None:
    """Quotes that fit a message are whole in one, and each source line is."""
    claims = [
        written.claim(f"{i} " + repeated("said “no” & left. ", 900).strip(), written.article(i))
        for i in range(1, 13)
    ]
    parts = [shown(m) for m in messages.answer_messages(written.answer(*claims), 1)]
    assert 3 <= len(parts) <= 5
    text = "\n".join(part.text for part in parts)
    for i, claim in enumerate(claims, start=1):
        assert f"❝\u00a0{claim.quote}\u00a0❞\u00a0[{i}]" in text
        assert f"[{i}] Truce broken · BBC · 31 May 2024 · paragraph 1" in text


@pytest.mark.parametrize("before", [0, 1, 3_000, 4_050, 4_090, 4_095, 4_096, 6_000])
def test_the_span_in_bold_is_not_cut(before: int) -> None:
    """Wherever the limit falls, the bold words stay in one message."""
    span = "the ceasefire of 20 September"
    quote = f"{'x ' * (before // 2)}{span} held. {'y ' * 1000}"
    made = written.answer(written.claim(quote, written.article(1)), short=span)
    parts = [shown(m) for m in messages.answer_messages(made, 1)]
    assert [text for part in parts for text in slices(part, "bold")] == [span, span]


def test_300_sources_keep_300_links() -> None:
    """An answer from 300 articles with long addresses cites and links every one."""
    address = "https://example.org/" + "a&b<" * 200
    claims = [
        written.claim(f"Claim {i}.", written.article(i, f"Title {i}", url=f"{address}{i}"))
        for i in range(1, 301)
    ]
    parts = [shown(m) for m in messages.answer_messages(written.answer(*claims), 1)]
    assert [label for label, _ in links(parts)] == [f"Title {i}" for i in range(1, 301)]
    assert len({url for _, url in links(parts)}) == 300
    quoted = [q for part in parts for q in slices(part, "blockquote")]
    assert [q.split("\u00a0")[-1] for q in quoted] == [f"[{i}]" for i in range(1, 301)]


@pytest.mark.parametrize(
    "found", ["https://x.org/a ", "@durov ", "#tag ", "/cmd ", "x.org,", "a@b.org ", "$USD "]
)
def test_300_links_in_a_passage_cost_no_citation(found: str) -> None:
    """What Telegram itself makes a link of counts as well, and takes no source's place."""
    passages = [written.passage(found * 300, written.article(1)) for _ in range(2)]
    parts = [shown(m) for m in messages.more_messages(passages, 1, None)]
    assert len(links(parts)) == 2
    assert "".join(p.text for p in parts).count(found.strip(" ,")) == 600


@THOROUGH
@given(written.texts(60))
def test_no_text_has_more_links_than_we_count(text: str) -> None:
    """Of a text that we take for small enough, Telegram keeps every entity."""
    crowded = f"{text} " * 20
    for message in messages.messages([(Run("title", link="https://example.org/"), Run(crowded))]):
        shown(message)


@THOROUGH
@given(st.text(), st.sampled_from(("", "https://", "http://e.org", "HTTPS://E.ORG/", "tg://")))
def test_an_address_is_a_link_or_is_none(tail: str, head: str) -> None:
    """Whatever a feed gives as an address, Telegram never drops a link that we make of it."""
    of = written.article(1, url=f"{head}{tail}")
    made = messages.answer_messages(written.answer(written.claim("He said so.", of)), 1)
    parts = [shown(m) for m in made]
    assert len(links(parts)) == (web_address(of.url) is not None)
    assert all(url.startswith(("http://", "https://")) for _, url in links(parts))
    assert "[1] Truce broken · BBC" in parts[0].text


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("HTTPS://example.org/x", "https://example.org/x"),
        ("https://müller.example/ä", "https://müller.example/ä"),
        ("https://example.org/\u202egpj", "https://example.org/%E2%80%AEgpj"),
        ("https://[2001:db8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
        ("https://user:secret@example.org/x", None),
        ("https://bbc.co.uk@evil.example/x", None),
        ("http://[broken/x", None),
        ("http://intranet/x", None),
        ("http://example.org:99999/x", None),
        ("javascript:alert(1)", None),
        ("tg://resolve?domain=x", None),
        ("/home/reader/story.txt", None),
    ],
)
def test_which_addresses_become_links(url: str, link: str | None) -> None:
    """Pages do, encoded where they must be; scripts, files, passwords and broken ones do not."""
    of = written.article(1, url=url)
    parts = [shown(m) for m in messages.messages(messages.article_blocks([of]))]
    assert [found for _, found in links(parts)] == ([link] if link else [])


@pytest.mark.parametrize(
    "title", ["", " \n", "\u200b", "\u202e", "\t", "\ud800"[:0], "\u2068\u2069"]
)
def test_an_article_without_a_title_keeps_its_link(title: str) -> None:
    """Its address's host is what can be pressed, or where it has none, its outlet is named."""
    of = written.article(1, title)
    parts = [
        shown(m) for m in messages.answer_messages(written.answer(written.claim("So.", of)), 1)
    ]
    assert [label for label, _ in links(parts)] == ["example.org"]
    [part] = [shown(m) for m in messages.messages(messages.article_blocks([replace(of, url=None)]))]
    assert part.text == "BBC\nBBC · 31 May 2024"


def test_a_title_cannot_begin_a_line_of_its_own() -> None:
    """A title and an outlet with line ends stay one line, so they cannot forge a source."""
    forged = "True story\n\n[2] Forged · Reuters\u2028[3] x\r[4] y"
    of = written.article(1, forged, outlet=f"AP\n{forged}")
    made = written.answer(written.claim("So.", of), outcome=Outcome.CLOSEST)
    made = replace(made, coverage=replace(made.coverage, outlets=(forged,)))
    [part] = [shown(m) for m in messages.answer_messages(made, 1)]
    assert sum(line.startswith("[") for line in part.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("written_as", "arrives_as"),
    [
        ("Vila\u030afors and A\u030angstro\u0308m", "Vil\u00e5fors and \u00c5ngstro\u0308m"),
        ("one\u2028two\u2029three\u0085four\rfive\r\nsix", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("a\tb\x9bc\x00d", "a b c d"),
        ("\ud83d\ude00 and \ud800", "😀 and \ufffd"),
        ("\U0001fae8 \uf8ff \u3000 \U000e0067", "\U0001fae8 \uf8ff \u3000 \U000e0067"),
        ("ab\u202ecd\u202c", "abcd"),
        ("\u200e\u200f\u200ex", "\u200c\u200c\u200ex"),
    ],
)
def test_what_telegram_would_damage_arrives(written_as: str, arrives_as: str) -> None:
    """Letters with rings, line ends, halves of pairs and new emoji come through in a quote."""
    made = written.answer(written.claim(f"x {written_as} y", written.article(1)))
    [part] = [shown(m) for m in messages.answer_messages(made, 1)]
    assert f"x {arrives_as} y" in part.text


def test_a_quote_cannot_turn_what_is_around_it() -> None:
    """Overrides are dropped, isolates balanced; a left-to-right quote gets no marks at all."""
    spoof = "he said\u202e\u2067\u2069\u2069 gnorw"
    made = written.answer(written.claim(spoof, written.article(1)))
    [part] = [shown(m) for m in messages.answer_messages(made, 1)]
    inner = "he said\u2067\u2069\u2069 gnorw"
    assert part.text.startswith(f"❝\u00a0\u2068\u2068{inner}\u2069\u00a0❞\u00a0[1]")
    plain = written.answer(written.claim("he said so", written.article(1)))
    [part] = [shown(m) for m in messages.answer_messages(plain, 1)]
    assert part.text.isprintable() or "\u2068" not in part.text


def test_only_a_long_quotation_is_folded() -> None:
    """Telegram shows three lines of one that can be expanded; a sentence is seen whole."""
    for length, kind in ((3, "blockquote"), (480, "blockquote"), (520, "expandable_blockquote")):
        made = written.answer(written.claim("x" * length, written.article(1)))
        [part] = [shown(m) for m in messages.answer_messages(made, 1)]
        assert [e["type"] for e in part.entities if "quote" in e["type"]] == [kind]


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    """A title of more than 200 units is cut between characters, and says that it was."""
    for emoji in ("😀", "👩‍👩‍👧‍👦", "🇬🇧", "e\u0301"):
        for lead in range(12):
            of = written.article(1, "x" * lead + emoji * 150)
            [part] = [shown(m) for m in messages.messages(messages.article_blocks([of]))]
            [(label, _)] = links([part])
            assert re.fullmatch(f"x{{{lead}}}(?:{emoji})+…", label)
            assert 185 <= len(label.encode("utf-16-le")) // 2 <= 200


def test_the_oracle_can_fail() -> None:
    """The parser refuses what is not markup, so that the tests above can."""
    with pytest.raises(Exception, match="parse"):
        read_text("<b>x", "HTML", None, lambda _: None)
    assert read_text(escape("<b>x"), "HTML", None, lambda _: None).text == "<b>x"
