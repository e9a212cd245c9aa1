"""Questions with what search gives for them and what is right: to calibrate on, to report on.

Each case is a question to one archive: the whole news, the news without every article that
answers, one article or a dozen of them, or a few paragraphs of an encyclopedia.
"""

import gzip
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from index.archive import Archive, Row
from index.articles import Article, Paragraph, Passage
from index.database import open_database
from index.embedding import Embedder, Matrix, embedded_text
from index.keywords import KeywordIndex, terms
from index.paragraphs import Span, split_paragraphs, split_sentences
from index.search import CANDIDATES, VECTOR_WEIGHT, Progress, fuse, no_progress, rarity
from index.stored_vectors import StoredVectors
from index.vectors import VectorIndex
from tests.benchmarks import newsqa
from tests.shared import FOLDER as SHARED

PASSAGES = 10
DOZEN = 12
# SelQA's questions (Jurczyk, Zhai and Choi, 2016) and SQuAD 2.0's (Rajpurkar, Jia and Liang,
# 2018) are many; these are enough for a handful of weights.
SELQA = 1500
SQUAD = 2500


@dataclass(frozen=True, slots=True)
class Case:
    """A question to one archive.

    ``right`` are the slices that answer it, by paragraph id, as far as the data tell;
    without any the archive does not answer it. ``rarities`` are those of the question's words.
    """

    group: str
    tuning: bool
    question: str
    answerable: bool
    passages: tuple[Passage, ...]
    right: dict[int, tuple[Span, ...]]
    rarities: dict[str, float]

    def is_right(self, paragraph: int, start: int, end: int) -> bool:
        """Whether a slice of a passage's text is, for more than half of either, a right one."""
        return any(
            2 * (min(end, span.end) - max(start, span.start))
            > min(end - start, span.end - span.start)
            for span in self.right.get(paragraph, ())
        )

    def rarity_of(self, words: Sequence[str]) -> list[float]:
        """The rarities of words of the question, as News.rarities gives them."""
        return [self.rarities[word] for word in words]


class SmallArchive:
    """A few paragraphs, searched as index.search does, without a database."""

    def __init__(self, rows: Sequence[Row], vectors: Matrix, folder: Path) -> None:
        self._rows = {row.paragraph.id: row for row in rows}
        self._keywords = KeywordIndex.create(folder)
        self._keywords.update([], rows, 1)
        self._vectors = VectorIndex(vectors.shape[1])
        self._vectors.add(np.array(list(self._rows), dtype=np.int64), vectors)

    def search(self, question: str, query: Matrix) -> tuple[Passage, ...]:
        """The passages nearest to the question, best first."""
        return passages(
            question,
            query,
            self._keywords,
            self._vectors,
            lambda ids: [self._rows[i] for i in ids],
        )

    def rarities(self, words: Sequence[str]) -> list[float]:
        """The rarity of each stemmed word."""
        return rarity(self._keywords.document_count(), self._keywords.frequencies(words))


def passages(
    question: str,
    query: Matrix,
    keywords: KeywordIndex,
    vectors: VectorIndex,
    rows: Callable[[list[int]], Iterable[Row]],
    wanted: Callable[[Row], bool] = lambda row: True,
) -> tuple[Passage, ...]:
    """What index.search.Search gives, of the wanted rows only."""
    bm25 = dict(keywords.search(question, CANDIDATES))
    cosines = dict(vectors.search(query, CANDIDATES))
    cosines |= vectors.cosines(query, [i for i in bm25 if i not in cosines])
    fused = fuse(cosines, bm25, VECTOR_WEIGHT)
    found = {row.paragraph.id: row for row in rows([i for i, _ in fused])}
    kept = [(found[i], i, score) for i, score in fused if wanted(found[i])]
    return tuple(
        Passage(r.article, r.paragraph, r.version_sha256, r.text, score, cosines[i], bm25.get(i))
        for r, i, score in kept[:PASSAGES]
    )


def news_cases(embedder: Embedder, report: Progress = no_progress) -> Iterator[Case]:
    """The news questions to the whole archive, to it without answers, and to small ones."""
    engine = open_database(
        f"sqlite:///{newsqa.build(embedder, report) / 'news.db'}",
        migrations=newsqa.MIGRATIONS,
        history=newsqa.HISTORY,
    )
    archive = Archive(engine)
    keywords = KeywordIndex.open(newsqa.benchmark_folder() / "news_qa" / "keywords")
    assert keywords is not None
    ids, of_article, blobs = StoredVectors(engine, embedder.name).all()
    matrix = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(ids), -1)
    vectors = VectorIndex(embedder.dimension)
    vectors.add(ids, matrix)
    by_key = {article.key: article.id for article in archive.newest(10_000)}
    names = {name: by_key[key] for name, key in newsqa.keys().items()}

    def small(articles: Sequence[int], folder: Path) -> SmallArchive:
        rows = list(archive.rows(articles_in=articles))
        chosen = matrix[np.isin(of_article, articles)]
        order = np.argsort(ids[np.isin(of_article, articles)])
        return SmallArchive(rows, chosen[order], folder)

    asked = newsqa.questions()
    for done, q in enumerate(asked):
        report("asking", done, len(asked))
        answering = {names[name] for name in q.gold | q.weak}
        query = embedder.encode([q.text])[0]

        def rows(wanted: list[int]) -> list[Row]:
            return list(archive.rows(ids=wanted))

        def silent(row: Row, q: newsqa.QuizQuestion = q, known: set[int] = answering) -> bool:
            return row.article.id not in known and not newsqa.holds(
                f"{row.article.title} {row.text}", q.answer
            )

        found = passages(q.text, query, keywords, vectors, rows)
        others = passages(q.text, query, keywords, vectors, rows, silent)
        words = terms(q.text)
        rare = dict(
            zip(words, rarity(keywords.document_count(), keywords.frequencies(words)), strict=True)
        )
        if answering:
            yield _news_case("archive", q, found, answering, rare)
        else:
            yield _news_case("archive, answer unknown", q, found, set(), rare)
        yield _news_case("archive, left out", q, others, set(), rare)
        near = list(dict.fromkeys(p.article.id for p in others))
        gold = sorted(names[name] for name in q.gold)
        archives = {"one other article": near[:1], "dozen others": near[:DOZEN]}
        if gold:
            archives |= {"one article": gold[:1], "dozen": [*gold[:1], *near[: DOZEN - 1]]}
        for group, articles in archives.items():
            with tempfile.TemporaryDirectory() as folder:
                one = small(articles, Path(folder) / "keywords")
                rare = dict(zip(words, one.rarities(words), strict=True))
                yield _news_case(group, q, one.search(q.text, query), answering, rare)
    engine.dispose()


def _news_case(
    group: str,
    question: newsqa.QuizQuestion,
    found: tuple[Passage, ...],
    answering: set[int],
    rarities: dict[str, float],
) -> Case:
    right = {
        p.paragraph.id: tuple(
            span
            for span in split_sentences(p.text, 0, len(p.text))
            if newsqa.holds(p.text[span.start : span.end], question.answer)
        )
        for p in found
        if p.article.id in answering
    }
    answerable = group in ("archive", "one article", "dozen")
    return Case(group, question.tuning, question.text, answerable, found, right, rarities)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an encyclopedia with questions: each with the slices that answer it, if any."""

    text: str
    questions: tuple[tuple[str, tuple[Span, ...]], ...]


def selqa_texts(split: str) -> list[Text]:
    """SelQA's sections: their sentences joined, with the questions and labelled sentences."""
    of_section: dict[tuple[str, ...], list[tuple[str, tuple[int, ...]]]] = {}
    lines = _lines(SHARED / "data" / "sentences" / "selqa.jsonl.gz")
    for question, group in groupby(
        (line for line in lines if line["split"] == split), key=lambda line: line["question"]
    ):
        pairs = list(group)
        section = tuple(p["sentence"] for p in pairs)
        labelled = tuple(i for i, p in enumerate(pairs) if p["label"])
        of_section.setdefault(section, []).append((question, labelled))
    texts = []
    for section, questions in of_section.items():
        ends = np.cumsum([len(sentence) + 1 for sentence in section]).tolist()
        spans = [Span(e - 1 - len(s), e - 1) for e, s in zip(ends, section, strict=True)]
        texts.append(
            Text(" ".join(section), tuple((q, tuple(spans[i] for i in n)) for q, n in questions))
        )
    return texts


def squad_texts(split: str) -> list[Text]:
    """SQuAD 2.0's paragraphs; questions that they do not answer have no slices."""
    of_context: dict[str, list[tuple[str, tuple[Span, ...]]]] = {}
    for line in _lines(SHARED / "data" / "reader" / f"{split}.jsonl.gz"):
        if line["source"] == "squad2":
            start = line["answer_start"]
            right = (Span(start, start + len(line["answer"])),) if start >= 0 else ()
            of_context.setdefault(line["context"], []).append((line["question"], right))
    return [Text(context, tuple(questions)) for context, questions in of_context.items()]


def text_cases(
    group: str, texts: Sequence[Text], count: int, *, tuning: bool, embedder: Embedder
) -> Iterator[Case]:
    """Questions to their own text alone, and to the text most like it (which answers nothing).

    At most ``count`` questions, from the first texts on.
    """
    taken: list[Text] = []
    while len(taken) < len(texts) and sum(len(t.questions) for t in taken) < count:
        taken.append(texts[len(taken)])
    rows = [_rows(i, text.text) for i, text in enumerate(taken)]
    flat = embedder.encode([embedded_text("", None, None, r.text) for rs in rows for r in rs])
    ends = np.cumsum([len(rs) for rs in rows])
    vectors = np.split(flat, ends[:-1])
    middles = np.stack([v.mean(axis=0) for v in vectors])
    likeness = middles @ middles.T
    np.fill_diagonal(likeness, -1.0)
    for i, text in enumerate(taken):
        queries = embedder.encode([q for q, _ in text.questions])
        for name, j in ((group, i), (f"{group}, other text", int(likeness[i].argmax()))):
            with tempfile.TemporaryDirectory() as folder:
                one = SmallArchive(rows[j], vectors[j], Path(folder) / "keywords")
                for (question, spans), query in zip(text.questions, queries, strict=True):
                    right = _in_paragraphs(spans, rows[i]) if i == j else {}
                    words = terms(question)
                    yield Case(
                        group=name if right or i != j else f"{group}, unanswerable",
                        tuning=tuning,
                        question=question,
                        answerable=bool(right),
                        passages=one.search(question, query),
                        right=right,
                        rarities=dict(zip(words, one.rarities(words), strict=True)),
                    )


_THEN = datetime(2020, 1, 1, tzinfo=UTC)


def _rows(number: int, text: str) -> list[Row]:
    article = Article(number, str(number), None, "", None, None, (), None, None, _THEN, 1)
    return [
        Row(
            Paragraph(1000 * number + n, number, 1, n, span.start, span.end),
            article,
            "",
            text[span.start : span.end],
        )
        for n, span in enumerate(split_paragraphs(text), start=1)
    ]


def _in_paragraphs(spans: Sequence[Span], rows: Sequence[Row]) -> dict[int, tuple[Span, ...]]:
    found: dict[int, tuple[Span, ...]] = {}
    for row in rows:
        p = row.paragraph
        inside = tuple(
            Span(max(s.start, p.start) - p.start, min(s.end, p.end) - p.start)
            for s in spans
            if s.start < p.end and s.end > p.start
        )
        if inside:
            found[p.id] = inside
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
