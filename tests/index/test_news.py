"""Articles come in, are recognised, change, are found, and go again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index import Filters, News
from index.keywords import KeywordIndex
from tests.fakes import StandInEmbedder

FIRST = "The harbour bridge at Lundholm opened on Monday after nine years of work."
SECOND = "Its cost rose from 40 million to 97 million crowns, the council said in a report."
THIRD = "Cyclists will share the eastern lane with buses until a second deck is finished."


def article(*paragraphs: str, title: str = "Bridge opens in Lundholm") -> str:
    front = f"---\ntitle: {title}\noutlet: Lundholm Post\ndate: 2024-05-06\n---\n"
    return front + "\n\n".join(paragraphs) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "articles"
    path.mkdir()
    return path


@pytest.fixture
def embedder() -> StandInEmbedder:
    return StandInEmbedder()


@pytest.fixture
def news(tmp_path: Path, embedder: StandInEmbedder) -> Iterator[News]:
    opened = News(tmp_path / "data", embedder=embedder)
    yield opened
    opened.close()


async def test_a_file_becomes_an_article_with_paragraphs(news: News, folder: Path) -> None:
    """A file's article is stored with its paragraphs, outlet and date, and is found."""
    (folder / "bridge.md").write_text(article(FIRST, SECOND))
    [added] = await news.add([str(folder / "bridge.md")])
    assert added.error is None
    assert [(r.new, r.changed, r.unchanged) for r in added.refreshed] == [(1, 0, 0)]
    [best, *_] = news.search("Who pays what the bridge cost?")
    assert best.text == SECOND
    assert best.paragraph.number == 2
    assert best.article.outlet == "Lundholm Post"
    assert best.article.published == datetime(2024, 5, 6, tzinfo=UTC)
    assert news.disagreements() == []


async def test_what_only_asks_is_not_found(news: News, folder: Path) -> None:
    """A quiz that asks the same question is left out; those that it stands beside move up."""
    quiz = ["Who pays what the bridge cost?", "What did the bridge cost? Who pays?"]
    (folder / "bridge.md").write_text(article(FIRST, SECOND))
    (folder / "quiz.md").write_text(article(*quiz, title="The week's quiz"))
    await news.add([str(folder)])
    assert [p.text for p in news.search("Who pays what the bridge cost?", 2)] == [SECOND, FIRST]
    assert {r.text for r in news.archive.rows()} == {FIRST, SECOND, *quiz}, "yet it is kept"


async def test_unchanged_text_is_not_embedded_again(
    news: News, folder: Path, embedder: StandInEmbedder
) -> None:
    """Reading the same files again embeds nothing and stores nothing."""
    (folder / "bridge.md").write_text(article(FIRST, SECOND))
    await news.add([str(folder)])
    before, change = embedder.encoded, news.archive.last_change()
    [refreshed] = await news.refresh(everything=True)
    assert (refreshed.new, refreshed.changed, refreshed.unchanged) == (0, 0, 1)
    assert embedder.encoded == before
    assert news.archive.last_change() == change


async def test_changed_text_is_a_new_version_and_search_answers_from_it(
    news: News, folder: Path, embedder: StandInEmbedder
) -> None:
    """A changed paragraph is embedded alone; the old version stays as it was."""
    path = folder / "bridge.md"
    path.write_text(article(FIRST, SECOND, THIRD))
    await news.add([str(folder)])
    [old, *_] = news.search("what million crowns cost, says the council report")
    before = embedder.encoded
    changed = SECOND.replace("97", "120")
    path.write_text(article(FIRST, changed, THIRD))
    [refreshed] = await news.refresh(everything=True)
    assert (refreshed.new, refreshed.changed) == (0, 1)
    assert embedder.encoded - before == 1
    [new, *_] = news.search("what million crowns cost, says the council report")
    assert new.text == changed
    assert new.article.id == old.article.id
    assert new.article.version == 2
    stored = news.archive.version(old.article.id, 1)
    assert stored is not None and SECOND in stored.text
    assert news.disagreements() == []


async def test_a_changed_title_keeps_the_version(news: News, folder: Path) -> None:
    """A new headline over the same text is no new version, and is what is shown."""
    path = folder / "bridge.md"
    path.write_text(article(FIRST, SECOND))
    await news.add([str(folder)])
    path.write_text(article(FIRST, SECOND, title="Lundholm gets its bridge"))
    await news.refresh(everything=True)
    [best, *_] = news.search("bridge")
    assert best.article.title == "Lundholm gets its bridge"
    assert best.article.version == 1


async def test_a_removed_source_takes_its_articles_along(news: News, folder: Path) -> None:
    """What only the removed source carries is gone from search; what others carry stays."""
    (folder / "bridge.md").write_text(article(FIRST, SECOND))
    (folder / "lane.md").write_text(article(THIRD, title="A lane to share"))
    await news.add([str(folder), str(folder / "lane.md")])
    source = news.sources.find(str(folder))
    assert source is not None and source.articles == 2
    assert news.remove(source) == 1
    assert {p.article.title for p in news.search("bridge lane cyclists")} == {"A lane to share"}
    assert news.disagreements() == []


async def test_filters_by_outlet_and_time_are_hard(news: News, folder: Path) -> None:
    """A filtered search returns nothing from other outlets or other days."""
    (folder / "a.md").write_text(article(FIRST))
    other = article(SECOND).replace("Lundholm Post", "Daily Crown").replace("05-06", "05-08")
    (folder / "b.md").write_text(other)
    await news.add([str(folder)])
    assert news.outlets_named("crown") == ("Daily Crown",)
    by_outlet = news.search("bridge cost", 10, Filters(outlets=("Daily Crown",)))
    assert {p.article.outlet for p in by_outlet} == {"Daily Crown"}
    since = Filters(since=datetime(2024, 5, 7, tzinfo=UTC))
    assert {p.article.outlet for p in news.search("bridge", 10, since)} == {"Daily Crown"}
    until = Filters(until=datetime(2024, 5, 8, tzinfo=UTC))
    assert {p.article.outlet for p in news.search("bridge", 10, until)} == {"Lundholm Post"}
    [first, *_] = news.search("bridge cost", 10)
    only = news.search("bridge cost", 10, Filters(articles=frozenset({first.article.id})))
    assert {p.article.id for p in only} == {first.article.id}


async def test_a_change_of_model_embeds_everything_again(
    news: News, folder: Path, tmp_path: Path
) -> None:
    """Vectors of one model are never compared with another's."""
    (folder / "bridge.md").write_text(article(FIRST, SECOND))
    await news.add([str(folder)])
    news.close()
    other = News(tmp_path / "data", embedder=StandInEmbedder("other", 32))
    seen: list[tuple[str, int, int]] = []
    notices = other.bring_up(lambda *stage: seen.append(stage))
    assert notices == ["2 paragraphs were embedded with other"]
    assert seen[-1] == ("embedding", 2, 2)
    assert other.search("bridge")[0].text in (FIRST, SECOND)
    assert other.disagreements() == []
    other.close()


async def test_another_process_s_news_is_seen(news: News, folder: Path, tmp_path: Path) -> None:
    """News stored by one opened folder is found by another that was opened before."""
    (folder / "bridge.md").write_text(article(FIRST))
    reader = News(tmp_path / "data", embedder=StandInEmbedder())
    assert reader.search("bridge") == []
    await news.add([str(folder)])
    assert reader.search("bridge")[0].text == FIRST
    (folder / "bridge.md").write_text(article(SECOND))
    await news.refresh(everything=True)
    assert [p.text for p in reader.search("bridge cost")] == [SECOND]
    reader.close()


async def test_the_same_article_in_two_sources_is_one(news: News, folder: Path) -> None:
    """An article that two sources carry is stored once."""
    (folder / "bridge.md").write_text(article(FIRST))
    await news.add([str(folder), str(folder / "bridge.md")])
    assert news.archive.counts() == (1, 1)


async def test_an_altered_store_gives_no_quote(news: News, folder: Path, tmp_path: Path) -> None:
    """A quote is given only while its version's text has the digest it was cited with."""
    (folder / "bridge.md").write_text(article(FIRST))
    await news.add([str(folder)])
    [passage] = news.search("bridge")
    place = (passage.article.id, 1, passage.paragraph.start, passage.paragraph.end)
    assert news.quote(*place, passage.version_sha256) == FIRST
    assert news.quote(*place, "0" * 64) is None
    assert news.quote(passage.article.id, 1, 0, 10**6, passage.version_sha256) is None
    assert news.quote(passage.article.id, 2, *place[2:], passage.version_sha256) is None


async def test_a_question_without_words_finds_nothing(news: News, folder: Path) -> None:
    """Blank questions and questions in another script give a list, never an error."""
    (folder / "bridge.md").write_text(article(FIRST))
    await news.add([str(folder)])
    assert news.search("   ") == []
    assert len(news.search("кто построил мост?")) == 1
    assert len(news.search("?!")) == 1


async def test_of_paragraphs_that_say_the_same_the_first_is_found_first(
    news: News, folder: Path
) -> None:
    """News says first what matters most; what says more of what is asked still goes before it."""
    filler = "Many people came to the harbour to look at the ships of the summer fleet."
    (folder / "a.md").write_text(article(filler, filler + " Again.", FIRST), encoding="utf-8")
    (folder / "b.md").write_text(article(FIRST, filler, filler + " Too."), encoding="utf-8")
    await news.add([str(folder)])
    first, second, *_ = news.search(FIRST)
    assert (first.text, first.paragraph.number) == (FIRST, 1)
    assert (second.text, second.paragraph.number) == (FIRST, 3)


async def test_whole_texts_are_those_of_the_newest_versions(news: News, folder: Path) -> None:
    """Of a changed article only what it says now is given."""
    path = folder / "bridge.md"
    for text in (FIRST, SECOND):
        path.write_text(article(text), encoding="utf-8")
        await news.add([str(folder)])
    [found] = news.search("bridge")
    assert news.texts([found.article.id, 999]) == {found.article.id: SECOND}


async def test_who_wont_play_is_not_found_as_who_won(
    news: News, folder: Path, tmp_path: Path
) -> None:
    """A contraction is no form of the word that it begins like, with either apostrophe."""
    for number, apostrophe in enumerate("'’"):
        sentence = f"Nadal won{apostrophe}t play at the tournament in Lundholm."
        (folder / f"{number}.md").write_text(article(sentence))
    (folder / "winner.md").write_text(article("Elena Berg won the tournament in Lundholm."))
    await news.add([str(folder)])
    assert len(news.search("Who won?")) == 3, "brings the indexes up"
    keywords = KeywordIndex.open(tmp_path / "data" / "keywords")
    assert keywords is not None
    assert keywords.document_count() == 3
    assert len(keywords.search("Who won?", 10)) == 1
    assert len(keywords.search("Who won't?", 10)) == 0
