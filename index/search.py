"""A question to its passages: two retrievers, one ranking.

Both indexes are derived from the database. They are brought up from it by the number
of its last change: at the start, and whenever this or another process changed the news.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log1p
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from index.archive import Archive, Filters
from index.articles import Passage
from index.database import storage_errors
from index.embedding import Embedder, embedded_text
from index.keywords import KeywordIndex, terms
from index.paragraphs import only_asks
from index.spelling import LEAST_LETTERS, meant, slips
from index.stored_vectors import StoredVectors
from index.vectors import Ids, VectorIndex

log = logging.getLogger(__name__)

# How many each retriever hands to the fusion.
CANDIDATES = 100
# The share of the cosine in the fused score; BM25 has the rest. Chosen on the earlier halves
# of two question sets, see `python -m tests.benchmarks retrieval`.
VECTOR_WEIGHT = 0.6
# What an article's first paragraph is worth more, its second half as much, and so on. Chosen
# on the first of them.
PLACE_WEIGHT = 0.1
# What stays of a score however old its passage is: without it, the only passage on a matter
# would be lost behind newer ones on others. See `python -m tests.benchmarks freshness`.
LEAST_LEFT = 0.5
# So many times as many paragraphs are looked at as are asked for, because those that only ask
# are left out.
_LOOKED_AT = 2
# Paragraphs embedded between two commits when vectors are missing.
_EMBED_BATCH = 256
# A word is right unless another one like it is so many times as common.
_AS_COMMON = 100
# Paragraphs in which another spelling is looked for.
_LOOKED_THROUGH = 50
# So long a question waits for the keyword index to be opened or built.
_WORDS_S = 2.0

Progress = Callable[[str, int, int], None]


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""


class Search:
    """Hybrid search over the newest version of every article. Safe to share by threads.

    One thread at a time brings the indexes up; questions meanwhile are answered from
    what is there.
    """

    def __init__(
        self, archive: Archive, stored: StoredVectors, embedder: Embedder, folder: Path
    ) -> None:
        self._archive = archive
        self._stored = stored
        self._embedder = embedder
        self._folder = folder
        self._updating = threading.Lock()
        # Held for moments only: FAISS must not be searched while it is changed.
        self._lock = threading.Lock()
        self._vectors: VectorIndex | None = None
        self._of_article: dict[int, list[int]] = {}
        self._change = 0
        # Only a start can meet paragraphs without vectors, for they are stored together;
        # but embedding them may fail half-way, and is then taken up by the next bring_up().
        self._embedded = False
        self._keywords: KeywordIndex | None = None

    @property
    def ready(self) -> bool:
        """Whether all of the news is searched; before that it is what there is so far."""
        return self._embedded and self._keywords is not None

    def bring_up(self, progress: Progress = no_progress) -> list[str]:
        """Bring both indexes up to the database; what had to be repaired, a line each.

        Vectors that are missing for the current model are made, in batches that are
        kept, so that this can be stopped and taken up again.
        """
        with self._updating:
            damaged = self._load_vectors()
            # What is quick comes first, so that questions need not wait for the embedding.
            notices = self._bring_up_keywords()
            notices = self._embed_missing(damaged, progress) + notices
        for notice in notices:
            log.info(notice)
        return notices

    def _follow(self) -> None:
        """Bring up what little may have changed, unless another thread is at it."""
        while self._vectors is None:
            # Another thread may be loading them; what it does after that is not waited for.
            if self._updating.acquire(timeout=0.05):
                try:
                    self._load_vectors()
                    self._bring_up_keywords()
                finally:
                    self._updating.release()
        # The usual start needs only a moment more for the words, which is worth a wait.
        ends = time.monotonic() + _WORDS_S
        while self._keywords is None and self._updating.locked() and time.monotonic() < ends:
            time.sleep(0.05)
        if self._archive.last_change() != self._change and not self._updating.locked():
            self.bring_up()

    def _load_vectors(self) -> int:
        """Take over the stored vectors that are new; how many were damaged and are dropped."""
        first = self._vectors is None
        last, changed = self._archive.changed_since(self._change)
        if not first and last == self._change:
            return 0
        ids, articles, blobs = self._stored.all(None if first else changed)
        sound = _sound(blobs, self._embedder.dimension)
        with self._lock:
            if self._vectors is None:
                self._vectors = VectorIndex(self._embedder.dimension)
            gone = [i for article in changed for i in self._of_article.pop(article, [])]
            self._vectors.remove(gone)
            self._add(
                ids[sound], articles[sound], [b for b, s in zip(blobs, sound, strict=True) if s]
            )
        self._change = last
        damaged = [int(i) for i in ids[~sound]]
        if damaged:
            self._stored.drop(damaged)
            self._embedded = False
        return len(damaged)

    def _embed_missing(self, damaged: int, progress: Progress) -> list[str]:
        """Make the vectors that are missing for the current model, searchable batch by batch."""
        if self._embedded:
            return []
        missing = self._stored.missing()
        notices = self._embed(missing, damaged, progress) if missing else []
        self._stored.drop_other_models()
        self._embedded = True
        return notices

    def _add(self, ids: Ids, articles: Ids, blobs: Sequence[bytes]) -> None:
        assert self._vectors is not None
        matrix = np.frombuffer(b"".join(blobs), dtype="<f4")
        self._vectors.add(ids, matrix.reshape(len(blobs), self._vectors.dimension))
        for paragraph, article in zip(ids.tolist(), articles.tolist(), strict=True):
            self._of_article.setdefault(article, []).append(paragraph)

    def _embed(self, missing: dict[int, str], damaged: int, progress: Progress) -> list[str]:
        todo = list(missing)
        for start in range(0, len(todo), _EMBED_BATCH):
            progress("embedding", start, len(todo))
            rows = list(self._archive.rows(ids=todo[start : start + _EMBED_BATCH]))
            texts = [
                embedded_text(r.article.title, r.article.outlet, r.article.published, r.text)
                for r in rows
            ]
            blobs = [vector.tobytes() for vector in self._embedder.encode(texts)]
            self._stored.put({missing[r.paragraph.id]: b for r, b in zip(rows, blobs, strict=True)})
            with self._lock:
                self._add(
                    np.array([r.paragraph.id for r in rows], dtype=np.int64),
                    np.array([r.article.id for r in rows], dtype=np.int64),
                    blobs,
                )
        progress("embedding", len(todo), len(todo))
        if damaged:
            return [f"{damaged} damaged vectors were made again"]
        return [f"{len(todo)} paragraphs were embedded with {self._embedder.name}"]

    def _bring_up_keywords(self) -> list[str]:
        notices: list[str] = []
        if self._keywords is not None and self._keywords.change == self._change:
            return notices
        lock = self._folder.with_suffix(".lock")
        # The lock's file stays, so that it tells a folder that was deleted from a first start.
        existed = lock.exists() or self._folder.exists()
        # Another process may be bringing up the same folder; then its work serves us too.
        with storage_errors(str(self._folder)), FileLock(lock):
            keywords = KeywordIndex.open(self._folder)
            newest, _ = self._archive.changed_since(0)
            if keywords is None or keywords.change > newest:
                state = "damaged or outdated" if self._folder.exists() else "missing"
                keywords = KeywordIndex.create(self._folder)
                if existed:
                    notices.append(f"the keyword index was {state} and was built again")
            newest, changed = self._archive.changed_since(keywords.change)
            if keywords.change == 0:
                keywords.update([], self._archive.rows(), newest)
            elif changed:
                keywords.update(changed, self._archive.rows(articles_in=changed), newest)
        self._keywords = keywords
        return notices

    def search(
        self,
        question: str,
        count: int = 10,
        filters: Filters = Filters(),
        half_life: float | None = None,
    ) -> list[Passage]:
        """The passages nearest to a question, best first; at most ``count``.

        Without those that only ask: nothing is as like a question as a quiz or a heading
        that asks the same, and it answers nothing. With a ``half_life`` in days, newer ones
        come first; see fade().
        """
        allowed = self._archive.paragraph_ids(filters) if filters else None
        if allowed is not None and not len(allowed):
            return []
        query = self._embedder.encode([question])[0]
        self._follow()
        assert self._vectors is not None
        keywords = self._keywords
        bm25 = dict(keywords.search(question, CANDIDATES, filters)) if keywords else {}
        if filters.articles:
            # The keyword index does not know the ids of articles.
            among = set() if allowed is None else set(allowed.tolist())
            bm25 = {i: score for i, score in bm25.items() if i in among}
        with self._lock:
            cosines = dict(self._vectors.search(query, CANDIDATES, allowed))
            cosines |= self._vectors.cosines(query, [i for i in bm25 if i not in cosines])
        # The keyword index may be a moment ahead of the vectors.
        bm25 = {i: score for i, score in bm25.items() if i in cosines}
        fused = place(fuse(cosines, bm25, VECTOR_WEIGHT), self._archive.numbers(cosines))
        if half_life is not None:
            fused = fade(fused, self._archive.moments(cosines), half_life)
        fused = fused[: _LOOKED_AT * count]
        rows = {row.paragraph.id: row for row in self._archive.rows(ids=[i for i, _ in fused])}
        passages = [
            Passage(
                article=rows[i].article,
                paragraph=rows[i].paragraph,
                version_sha256=rows[i].version_sha256,
                text=rows[i].text,
                score=score,
                similarity=cosines[i],
                keywords=bm25.get(i),
            )
            for i, score in fused
            # Another process may have replaced it between the two reads.
            if i in rows and not only_asks(rows[i].text)
        ]
        return passages[:count]

    def rarities(self, words: Sequence[str]) -> list[float]:
        """The inverse document frequency of each stemmed word among the paragraphs.

        See rarity().
        """
        self._follow()
        if self._keywords is None:
            return rarity(0, [0] * len(words))
        return rarity(self._keywords.document_count(), self._keywords.frequencies(words))

    def spelling(self, word: str) -> str | None:
        """What was probably meant by a word that next to no article has; None if it is right.

        A word that the embedding model has in its vocabulary is right, whether or not any
        article has it: "Iceland" was not meant to be "Ireland".
        """
        if len(word) < LEAST_LETTERS or not word.isalpha() or self._embedder.known([word]):
            return None
        # Only now, for nearly all words end above: this asks the database.
        self._follow()
        keywords, stems = self._keywords, terms(word)
        if keywords is None or len(stems) != 1:
            return None
        own = keywords.common(stems[0])
        ids = keywords.alike(stems[0], _LOOKED_THROUGH)
        rows = self._archive.rows(ids=ids) if ids else ()
        said = meant(word, (f"{row.article.title}\n{row.text}" for row in rows))
        others = [said] if said else []
        if own:
            # Articles have slips too; but a rare name is no slip of a common one.
            others = [other for other in others if other.islower() and word.islower()]
        else:
            others += sorted(self._embedder.known(slips(word)))
        common = [keywords.common(next(iter(terms(other)), "")) for other in others]
        best = max(common, default=0)
        return others[common.index(best)] if best >= max(1, _AS_COMMON * own) else None

    def disagreements(self) -> list[str]:
        """What either index has too much or too little against the database, a line each."""
        self.bring_up()
        assert self._vectors is not None and self._keywords is not None
        stored = set(self._archive.paragraph_ids(Filters()).tolist())
        found = {
            "vectors": self._vectors.ids().tolist(),
            "keywords": self._keywords.ids(),
        }
        return [
            f"{name}: of the paragraphs {len(stored - set(ids))} are missing,"
            f" {len(set(ids) - stored)} are unknown, {len(ids) - len(set(ids))} are there twice"
            for name, ids in found.items()
            if sorted(ids) != sorted(stored)
        ]


def rarity(total: int, found: Sequence[int]) -> list[float]:
    """The inverse document frequencies of words that ``found`` of ``total`` paragraphs hold.

    As in BM25: ln(1 + (N - n + 0.5) / (n + 0.5)), n of N paragraphs having the word.
    """
    return [log1p((total - n + 0.5) / (n + 0.5)) for n in found]


def fuse(
    cosines: dict[int, float], bm25: dict[int, float], weight: float
) -> list[tuple[int, float]]:
    """Rank by ``weight`` * cosine + (1 - weight) * BM25, each scaled to 0..1; best first.

    Min-max normalised convex combination (Bruch, Gai and Ingber, "An Analysis of Fusion
    Functions for Hybrid Retrieval", 2023). A candidate without a BM25 score has 0.
    """
    near, words = _scaled(cosines), _scaled(bm25, lowest=0.0)
    fused = {i: weight * near[i] + (1 - weight) * words.get(i, 0.0) for i in near}
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def place(
    fused: Sequence[tuple[int, float]], numbers: Mapping[int, int], weight: float = PLACE_WEIGHT
) -> list[tuple[int, float]]:
    """Rank by scores with ``weight`` / the paragraph's number added; best first.

    News says first what matters most. What has no number (it went meanwhile) is left out.
    """
    placed = [(i, score + weight / numbers[i]) for i, score in fused if i in numbers]
    return sorted(placed, key=lambda item: (-item[1], item[0]))


def fade(
    fused: Sequence[tuple[int, float]],
    moments: Mapping[int, datetime],
    half_life: float,
    least: float = LEAST_LEFT,
) -> list[tuple[int, float]]:
    """Rank by scores of which a part halves with each ``half_life`` days behind the newest.

    The share ``least`` stays however old; best first. What has no moment (it went
    meanwhile) is left out.
    """
    newest = max(moments.values(), default=None)
    faded = [
        (i, score * (least + (1 - least) * 0.5 ** (_days(newest - moments[i]) / half_life)))
        for i, score in fused
        if newest is not None and i in moments
    ]
    return sorted(faded, key=lambda item: (-item[1], item[0]))


def _days(length: timedelta) -> float:
    return length.total_seconds() / 86_400


def _scaled(scores: dict[int, float], lowest: float | None = None) -> dict[int, float]:
    if not scores:
        return {}
    low = min(scores.values()) if lowest is None else lowest
    width = max(scores.values()) - low
    return {i: (score - low) / width if width > 0 else 1.0 for i, score in scores.items()}


def _sound(blobs: Sequence[bytes], dimension: int) -> NDArray[np.bool_]:
    """Which of the stored vectors are unit vectors of this dimension."""
    sound = np.array([len(blob) == dimension * 4 for blob in blobs], dtype=bool)
    flat = np.frombuffer(b"".join(b for b, s in zip(blobs, sound, strict=True) if s), dtype="<f4")
    matrix = flat.reshape(-1, dimension)
    # Written so that a NaN counts as unsound.
    sound[sound] = np.abs(np.einsum("ij,ij->i", matrix, matrix) - 1.0) < 0.01
    return sound
