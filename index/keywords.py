"""Paragraphs by their words: the only file that knows tantivy.

BM25 over stemmed English. The index is derived from the database and kept on disk,
because analysing all text again at each start would take longer than loading it.
"""

import errno
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

import tantivy

from index.archive import Filters, Row

# Raised when the schema or the analysis below changes: an index made by another one is
# built again.
_FORMAT = 2
_STATE = "state.json"
# How much a word in the article's title counts against one in the paragraph itself.
# Chosen on the earlier half of a news question set, see `python -m tests.benchmarks retrieval`.
TITLE_BOOST = 1.0
# One thread: more would make several small segments and search slower.
_WRITER_BYTES = 64_000_000
# With less on the disk, a write that failed without a reason failed for that.
_LEAST_FREE_BYTES = 1_000_000


# What is left of "weren't" and "he'll" is what else they say; of "won't", which would be taken
# for having won, nothing is.
_CONTRACTED = re.compile(r"\b(?:won|can|shan)['’]t\b|(?:n['’]t|['’](?:s|ll|re|ve|d|m))\b", re.I)


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(40))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


_ANALYZER = _analyzer()


def terms(text: str) -> list[str]:
    """The stemmed, folded words of a text in order, without English stop words."""
    return _ANALYZER.analyze(_uncontracted(text))


def _uncontracted(text: str) -> str:
    return _CONTRACTED.sub(" ", text)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("article", indexed=True)
    builder.add_text_field("title", tokenizer_name="news", index_option="freq")
    builder.add_text_field("text", tokenizer_name="news", index_option="freq")
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    builder.add_date_field("published", indexed=True, fast=True)
    return builder.build()


class KeywordIndex:
    """A BM25 index in a folder, with the number of the last change that it holds."""

    def __init__(self, folder: Path, index: tantivy.Index, change: int) -> None:
        index.register_tokenizer("news", _analyzer())
        self._folder = folder
        self._index = index
        self._schema = index.schema
        self.change = change

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """The index in the folder; None if there is none that can be used.

        Damage inside a file would show only at some later search, so every file is held
        against the checksum noted when it was written; it never changes after that. A
        file too many is what a killed update left, and would be in the next one's way.
        """
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            change = state["change"]
            if state["format"] != _FORMAT or not isinstance(change, int):
                return None
            if state["files"] != _checksums(folder):
                return None
            return cls(folder, tantivy.Index.open(str(folder)), change)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def create(cls, folder: Path) -> Self:
        """A new, empty index in place of whatever the folder holds. Raises OSError."""
        if folder.is_dir():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        folder.mkdir(parents=True)
        with _os_errors(folder):
            return cls(folder, tantivy.Index(_schema(), path=str(folder)), 0)

    def document_count(self) -> int:
        """How many paragraphs the index holds."""
        return int(self._index.searcher().num_docs)

    def ids(self) -> list[int]:
        """The ids of all paragraphs in the index, in no particular order."""
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return []
        everything = tantivy.Query.all_query()
        hits = searcher.search(everything, limit=searcher.num_docs, count=False).hits
        return _ids(searcher, [address for _, address in hits])

    def update(self, articles: Iterable[int], rows: Iterable[Row], change: int) -> None:
        """Replace all paragraphs of these articles by ``rows`` and note the change's number.

        The number is written after the commit, with the checksums: a kill in between is
        seen by them, and the index is built again. Raises OSError, as for a full disk.
        """
        with _os_errors(self._folder):
            self._commit(articles, rows)
        state = self._folder / f"{_STATE}.new"
        noted = {"format": _FORMAT, "change": change, "files": _checksums(self._folder)}
        state.write_text(json.dumps(noted), encoding="utf-8")
        state.replace(self._folder / _STATE)
        self.change = change

    def _commit(self, articles: Iterable[int], rows: Iterable[Row]) -> None:
        writer = self._index.writer(_WRITER_BYTES, 1)
        try:
            for article in articles:
                # By query: by term, this library deletes nothing for an unsigned field.
                writer.delete_documents_by_query(
                    tantivy.Query.term_query(self._schema, "article", article)
                )
            for row in rows:
                writer.add_document(_document(row))
            writer.commit()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
        finally:
            # An error keeps this frame alive, and with it the writer's lock on the folder.
            del writer
        self._index.reload()

    def search(
        self,
        question: str,
        count: int,
        filters: Filters = Filters(),
        *,
        title_boost: float = TITLE_BOOST,
    ) -> list[tuple[int, float]]:
        """At most ``count`` (paragraph id, BM25 score), best first."""
        words = list(dict.fromkeys(terms(question)))
        if not words:
            return []
        should = [
            (tantivy.Occur.Should, self._word(field, word, boost))
            for word in words
            for field, boost in (("title", title_boost), ("text", 1.0))
            if boost
        ]
        query = tantivy.Query.boolean_query(should)
        if filters:
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), *self._conditions(filters)]
            )
        searcher = self._index.searcher()
        hits = searcher.search(query, limit=count, count=False).hits
        if not hits:
            return []
        ids = _ids(searcher, [address for _, address in hits])
        return [(i, float(score)) for i, (score, _) in zip(ids, hits, strict=True)]

    def _word(self, field: str, word: str, boost: float) -> tantivy.Query:
        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, word), boost)

    def _conditions(self, filters: Filters) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        conditions = []
        if filters.outlets:
            conditions.append(
                tantivy.Query.term_set_query(self._schema, "outlet", list(filters.outlets))
            )
        if filters.since or filters.until:
            conditions.append(
                tantivy.Query.range_query(
                    self._schema,
                    "published",
                    tantivy.FieldType.Date,
                    filters.since or datetime(1900, 1, 1, tzinfo=UTC),
                    filters.until or datetime(2200, 1, 1, tzinfo=UTC),
                    include_lower=True,
                    include_upper=False,
                )
            )
        # Conditions must hold but say nothing about how well a paragraph matches.
        return [
            (tantivy.Occur.Must, tantivy.Query.const_score_query(condition, 0.0))
            for condition in conditions
        ]

    def frequencies(self, words: Sequence[str]) -> list[int]:
        """In how many paragraphs each (stemmed) word occurs."""
        searcher = self._index.searcher()
        return [searcher.doc_freq("text", word) for word in words]

    def common(self, word: str) -> int:
        """In how many paragraphs a (stemmed) word occurs, or in whose articles' titles."""
        searcher = self._index.searcher()
        return max(searcher.doc_freq(field, word) for field in ("text", "title"))

    def alike(self, word: str, count: int) -> list[int]:
        """At most ``count`` paragraphs that have a (stemmed) word one edit from this one.

        Two letters changed about are one edit. In no particular order.
        """
        either = [
            (
                tantivy.Occur.Should,
                tantivy.Query.fuzzy_term_query(
                    self._schema, field, word, distance=1, transposition_cost_one=True
                ),
            )
            for field in ("text", "title")
        ]
        searcher = self._index.searcher()
        query = tantivy.Query.boolean_query(either)
        hits = searcher.search(query, limit=count, count=False).hits
        return _ids(searcher, [address for _, address in hits]) if hits else []


def _ids(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]) -> list[int]:
    # Every document has an id; the library's types do not know that.
    return [int(cast(int, i)) for i in searcher.fast_field_values("id", addresses)]


@contextmanager
def _os_errors(folder: Path) -> Iterator[None]:
    """Give back the operating system's error, which this library hides in a ValueError.

    Where a thread of its own met it first, the error says only that the thread is gone.
    """
    try:
        yield
    except ValueError as error:
        number = re.search(r"(?:os error|code:) (\d+)", str(error))
        full = shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
        code = int(number.group(1)) if number else errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code), str(folder)) from error


def _checksums(folder: Path) -> dict[str, int]:
    """The CRC-32 of each file of the index, without the locks and our own notes.

    Raises OSError if anything in the folder is not a file.
    """
    paths = sorted(folder.iterdir())
    for path in paths:
        if not path.is_file():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return {
        path.name: zlib.crc32(path.read_bytes())
        for path in paths
        if not path.name.startswith((".", _STATE)) and not path.name.endswith(".lock")
    }


def _document(row: Row) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("id", row.paragraph.id)
    document.add_unsigned("article", row.article.id)
    document.add_text("title", _uncontracted(row.article.title))
    document.add_text("text", _uncontracted(row.text))
    if row.article.outlet:
        document.add_text("outlet", row.article.outlet)
    if row.article.published:
        document.add_date("published", row.article.published)
    return document
