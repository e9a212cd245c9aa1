"""Which articles subscribers are told of: topics, questions, and answers that changed.

Topics are held against articles that were labelled by reading them, half of them near
misses. Questions are subscribed to in the real watcher, which meets their articles in the
order of time; and pairs of sentences say the same in other words, or something else.
Subscriptions, questions and the questions of pairs are for tuning or for reporting by the
hash of their texts.
"""

import asyncio
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bot.changing import answer_changed
from bot.chat_tables import outbox
from bot.chats import Chats
from bot.matching import Arrived, Topic, arrived, read_topic, rules_out
from bot.newsroom import Newsroom
from bot.reader.reading import Reader
from bot.relevance import Asked, threshold
from bot.settings import Settings
from bot.subscriptions import Kind, Subscription
from bot.updates import update_from_plain
from index import News
from index.archive import Row
from index.articles import Article, Document, Paragraph
from index.embedding import embedded_text
from index.paragraphs import split_paragraphs
from index.search import rarity
from index.storing import sha256
from tests.benchmarks import newsqa
from tests.benchmarks.labelled_stories import content_hash
from tests.benchmarks.remembering import RememberingEmbedder
from tests.fakes import SettableClock

LABELS = Path(__file__).with_name("matching_labels.json")
PAIRS = Path(__file__).with_name("answer_pairs.json")
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled case: which subscription it is of, whether it should be told, and was."""

    of: str
    wanted: bool
    told: bool


def tuning(text: str) -> bool:
    """Whether a subscription may be tuned on; otherwise it is only reported on."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2 == 0


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure all three; prints tables, returns all figures."""
    console = console or Console()
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    known = newsqa.documents()
    embedder = RememberingEmbedder("matching")
    figures: dict[str, Any] = {}
    table = Table("what", "subscriptions", "pairs", "wanted", "told", "precision", "recall")
    topics, missing = _topics(labels["topics"], known, embedder)
    table_rows = [("topics", topics), ("answers that changed", _pairs())]
    for name, judged in table_rows:
        for part, of_part in (("held out", False), ("tuning", True)):
            rows = [j for j in judged if tuning(j.of) == of_part]
            _row(table, figures, f"{name}, {part}", rows)
    told = asyncio.run(_questions(labels["questions"], known, embedder))
    embedder.keep()
    console.print(table)
    figures["left out, for their articles changed"] = missing
    figures["questions in time order"] = told
    console.print(f"left out: {missing}", highlight=False)
    in_time = Table("questions in time order", *told["held out"])
    for part, counts in told.items():
        in_time.add_row(part, *map(str, counts.values()))
    console.print(in_time)
    return figures


def _row(table: Table, figures: dict[str, Any], name: str, rows: Sequence[Judged]) -> None:
    found = {
        "subscriptions": len({j.of for j in rows}),
        "pairs": len(rows),
        "wanted": sum(j.wanted for j in rows),
        "told": sum(j.told for j in rows),
        "precision": _interval(rows, _precision),
        "recall": _interval(rows, _recall),
    }
    table.add_row(name, *(v if isinstance(v, str) else str(v) for v in found.values()))
    figures[name] = found


def _precision(rows: Sequence[Judged]) -> float:
    told = [j.wanted for j in rows if j.told]
    return sum(told) / len(told) if told else 1.0


def _recall(rows: Sequence[Judged]) -> float:
    wanted = [j.told for j in rows if j.wanted]
    return sum(wanted) / len(wanted) if wanted else 1.0


def _interval(rows: Sequence[Judged], figure: Callable[[Sequence[Judged]], float]) -> str:
    """A figure with its 95 % interval, by a bootstrap over subscriptions with all of theirs."""
    by_subscription: dict[str, list[Judged]] = {}
    for judged in rows:
        by_subscription.setdefault(judged.of, []).append(judged)
    groups, chance = list(by_subscription.values()), random.Random(1)
    drawn = sorted(
        figure([j for group in chance.choices(groups, k=len(groups)) for j in group])
        for _ in range(_RESAMPLES)
    )
    low, high = drawn[int(0.025 * _RESAMPLES)], drawn[int(0.975 * _RESAMPLES)]
    return f"{figure(rows):.3f} [{low:.3f}–{high:.3f}]"


# Topics


def _topics(
    labels: list[dict[str, Any]], known: dict[str, Document], embedder: RememberingEmbedder
) -> tuple[list[Judged], int]:
    """Each labelled pair of topic and article, and how many were left out."""
    topics = [read_topic(entry["text"]) for entry in labels]
    vectors = embedder.encode([t.text for t in topics])
    hashes = {name: content_hash(document) for name, document in known.items()}
    cases = [
        (number, name, wanted)
        for number, entry in enumerate(labels)
        for part, wanted in (("about", True), ("not about", False))
        for name, read in entry[part].items()
        if hashes.get(name) == read
    ]
    names = sorted({name for _, name, _ in cases})
    articles = [ready(i, known[name], embedder) for i, name in enumerate(names, start=1)]
    reached = Asked(topics, vectors, _rarities(topics, articles)).relevances(articles)
    at = {name: i for i, name in enumerate(names)}
    judged = [
        Judged(
            labels[number]["text"],
            wanted,
            bool(reached[number, at[name]] >= threshold(0))
            and not rules_out(topics[number], articles[at[name]]),
        )
        for number, name, wanted in cases
    ]
    labelled = sum(len(entry["about"]) + len(entry["not about"]) for entry in labels)
    return judged, labelled - len(cases)


def ready(number: int, document: Document, embedder: RememberingEmbedder) -> Arrived:
    """A document as matching meets it; only its leading paragraphs have vectors."""
    moment = document.published
    assert moment is not None
    article = Article(
        id=number,
        key=str(number),
        url=document.url,
        title=document.title,
        outlet=document.outlet,
        section=None,
        authors=(),
        published=moment,
        language="en",
        first_seen=moment,
        version=1,
    )
    spans = split_paragraphs(document.text)
    rows = [
        Row(
            Paragraph(n, number, 1, n, span.start, span.end),
            article,
            sha256(document.text),
            document.text[span.start : span.end],
        )
        for n, span in enumerate(spans, start=1)
    ]
    texts = [embedded_text(document.title, document.outlet, moment, row.text) for row in rows[:4]]
    return arrived(rows, embedder.encode(texts))


def _rarities(topics: Sequence[Topic], articles: Sequence[Arrived]) -> dict[str, float]:
    """How rare the topics' words are among these articles' sentences."""
    sentences = [sentence.words for article in articles for sentence in article.sentences]
    words = sorted({word for topic in topics for word in topic.words})
    found = [sum(word in sentence for sentence in sentences) for word in words]
    return dict(zip(words, rarity(len(sentences), found), strict=True))


# Pairs of sentences


def _pairs() -> list[Judged]:
    return [
        Judged(
            pair["question"],
            pair["changed"],
            answer_changed(pair["question"], pair["before"], pair["now"]),
        )
        for pair in json.loads(PAIRS.read_text(encoding="utf-8"))
    ]


# Questions in the real watcher


async def _questions(
    labels: list[dict[str, Any]], known: dict[str, Document], embedder: RememberingEmbedder
) -> dict[str, Any]:
    """What the watcher tells of each question as its articles come in, day by day.

    Each is subscribed to before the first article. An update is right if its article gives
    an answer that is not the one told before.
    """
    hashes = {name: content_hash(document) for name, document in known.items()}
    says = {
        entry["text"]: {
            name: answer for name, (read, answer) in entry["says"].items() if hashes[name] == read
        }
        for entry in labels
    }
    with tempfile.TemporaryDirectory(prefix="newsbot-matching-") as folder:
        told = await _watched(Path(folder), list(says), known, embedder, says)
    return {
        part: _told(known, {t: told[t] for t in says if tuning(t) == of_part}, says)
        for part, of_part in (("held out", False), ("tuning", True))
    }


def _told(
    known: dict[str, Document], told: dict[str, list[str]], says: dict[str, dict[str, str]]
) -> dict[str, int]:
    """What updates came to: ``told`` are the articles that they cite, by question, in order."""
    figures = dict.fromkeys(
        ("questions", "updates", "right", "no answer", "same again", "could be", "found", "of"), 0
    )
    for text, cited in told.items():
        answers, last = says[text], ""
        figures["questions"] += 1
        for name in cited:
            answer = answers.get(name, "")
            figures["updates"] += 1
            figures["right"] += bool(answer) and answer != last
            figures["no answer"] += not answer
            figures["same again"] += bool(answer) and answer == last
            last = answer or last
        order = sorted(answers, key=lambda n: (_day(known[n]), n))
        values = [answers[name] for name in order if answers[name]]
        changes = [v for i, v in enumerate(values) if i == 0 or v != values[i - 1]]
        figures["could be"] += len(values) - len(changes)
        figures["found"] += len(set(changes) & {answers.get(name, "") for name in cited})
        figures["of"] += len(changes)
    return figures


async def _watched(
    folder: Path,
    texts: Sequence[str],
    known: dict[str, Document],
    embedder: RememberingEmbedder,
    says: dict[str, dict[str, str]],
) -> dict[str, list[str]]:
    """The articles that each question's updates cite, in their order."""
    names = sorted({n for answers in says.values() for n in answers}, key=lambda n: _day(known[n]))
    clock = SettableClock(_day(known[names[0]]) - timedelta(days=1))
    news = News(folder / "data", embedder=embedder, clock=clock)
    chats = Chats(f"sqlite:///{folder / 'chats.db'}")
    room = Newsroom(
        news, chats, Settings(data=folder, _env_file=None), clock, news.refresh, Reader().read
    )
    chats.chat(1, "private", clock())
    for text in texts:
        new = Subscription(0, 1, 0, Kind.QUESTION, text, 0, None, False, clock())
        room.subscriptions.add(new)
    feed = folder / "feed"
    feed.mkdir()
    titles: dict[str, str] = {}
    for name in names:
        document = known[name]
        clock.set(_day(document) + timedelta(hours=12))
        title = document.title.replace("\n", " ")
        (feed / f"{len(titles)}.md").write_text(
            f"---\ntitle: {title}\noutlet: {document.outlet}\ndate: {_day(document):%Y-%m-%d}\n"
            f"---\n{document.text}",
            encoding="utf-8",
        )
        titles[title] = name
        news.bring_up()
        await news.add([str(feed)])
        while room.watcher.step():
            pass
    with chats.engine.connect() as connection:
        rows = connection.execute(sa.select(outbox).order_by(outbox.c.id)).all()
    told: dict[str, list[str]] = {text: [] for text in texts}
    for row in rows:
        update = update_from_plain(row.update)
        told[update.because].append(titles[update.claims[0].article.title])
    chats.close()
    news.close()
    return told


def _day(document: Document) -> datetime:
    assert document.published is not None
    return document.published
