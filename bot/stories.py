"""Which articles are copies of one another, and which tell the same story. Pure.

Single-pass clustering in the order of time, as in Topic Detection and Tracking (Allan et
al., 1998): each article is held against those of the last days and joins the story whose
members it resembles, or begins one. A story is known by the id of the article that began
it, so that placing needs nothing but the articles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, exp, log, log1p

import numpy as np
from numpy.typing import NDArray

from bot.sketches import Hashes, Sketch, Terms

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Rules:
    """When an article is a copy, and when it joins a story; fitted by tests/benchmarks/stories.py.

    ``contained`` and ``lead`` are the shares of the shorter text's shingles, and of its
    lead's, that a copy has in common with the other; ``alike`` the cosine that copies have
    at least, which tells texts from page furniture; ``names`` the share of the shorter
    one's names and numbers, which tells them from another text by the same template.
    The ``w_`` are the weights of a logistic regression on pairs: the chance that both tell
    the same story. ``join`` is the mean chance, over the most similar ``share`` of a
    story's members, at which an article joins it.
    """

    copy_days: float = 7.0
    contained: float = 0.6
    lead: float = 0.3
    alike: float = 0.6
    names: float = 0.75
    story_days: float = 14.0
    w_0: float = 0.0
    w_cosine: float = 0.0
    w_names: float = 0.0
    w_terms: float = 0.0
    w_days: float = 0.0
    join: float = 0.6
    share: float = 0.5


RULES = Rules()

# Below this cosine no pair was ever one story; it spares the closer look.
_NEAR = 0.45
# So many articles in which a word is taken not to stand, so that in a young archive of few
# articles a shared word still counts as rare.
_PRIOR = 1000


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs.

    ``story`` is the id of the article that began the story, its own if it did.
    ``copy_of`` is the id of the group's first article in the order of placing, None if it
    is the first of its text; a group is one independent source, cited by earliest().
    """

    article: int
    story: int
    copy_of: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """An article that has its place."""

    sketch: Sketch
    placed: Placed

    @property
    def group(self) -> int:
        """The id of its group of copies; its own if it has none."""
        return self.placed.article if self.placed.copy_of is None else self.placed.copy_of


class Recent:
    """The placed articles of the last days, with their vectors in one matrix; immutable."""

    __slots__ = ("known", "moments", "vectors")

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.known = tuple(sorted(known, key=lambda k: _order(k.sketch)))
        self.moments = np.array([k.sketch.moment.timestamp() for k in self.known])
        self.vectors = _matrix([k.sketch for k in self.known])

    def __len__(self) -> int:
        return len(self.known)

    def since(self, moment: datetime) -> "Recent":
        """Those not older than ``moment``."""
        return Recent(k for k in self.known if k.sketch.moment >= moment)


def window(now: datetime, rules: Rules = RULES) -> datetime:
    """The moment since which articles matter to one that comes ``now``."""
    return now - timedelta(days=max(rules.copy_days, rules.story_days))


def earliest(group: Iterable[Sketch]) -> Sketch:
    """The one of a group of copies that is cited; the others are listed beside it."""
    return min(group, key=_order)


def place(
    new: Sequence[Sketch], recent: Recent, rules: Rules = RULES
) -> tuple[list[Placed], Recent]:
    """Places for new articles, in their order, and the window with them in it.

    The new ones are placed in the order of time, whatever order they come in. An article
    that is placed already (a new version) keeps its place. Articles further apart than the
    window never meet. Costs one matrix product of all new with all recent articles, and a
    closer look at those that are near.
    """
    places = {k.sketch.article: k.placed for k in recent.known}
    fresh = {s.article: s for s in new if s.article not in places}
    order = sorted(fresh.values(), key=_order)
    pool = [k.sketch for k in recent.known] + order
    compare = _Comparison(pool, rules)
    vectors = np.concatenate([recent.vectors.reshape(len(recent), -1), _matrix(order)]) if (
        recent.known and order
    ) else (_matrix(order) if order else recent.vectors)
    moments = np.concatenate([recent.moments, [s.moment.timestamp() for s in order]])
    cosines = vectors[len(recent) :] @ vectors.T if order else np.empty((0, 0), dtype=np.float32)
    groups = {k.sketch.article: k.group for k in recent.known}
    for row, one in enumerate(order):
        at = len(recent) + row
        days = np.abs(moments[:at] - moments[at]) / DAY_S
        near = np.flatnonzero((cosines[row, :at] >= min(_NEAR, rules.alike)))
        origin: int | None = None
        chances: dict[int, dict[int, float]] = {}
        for i in sorted(near.tolist(), key=lambda i: (-float(cosines[row, i]), i)):
            other, cosine, apart = pool[i], float(cosines[row, i]), float(days[i])
            if origin is None and apart <= rules.copy_days and is_copy(one, other, cosine, rules):
                origin = groups[other.article]
            if apart > rules.story_days or one.round_up or other.round_up:
                continue
            story = chances.setdefault(places[other.article].story, {})
            chance = compare.chance(at, i, cosine, apart)
            # Copies are one voice.
            group = groups[other.article]
            story[group] = max(story.get(group, 0.0), chance)
        story_of = one.article
        if origin is not None:
            story_of = places[origin].story if origin in places else origin
        elif chances:
            best = max(chances, key=lambda s: (_support(chances[s].values(), rules), -s))
            if _support(chances[best].values(), rules) >= rules.join:
                story_of = best
        places[one.article] = Placed(one.article, story_of, origin)
        groups[one.article] = one.article if origin is None else origin
    known = [*recent.known, *(Known(s, places[s.article]) for s in order)]
    return [places[s.article] for s in new], Recent(known)


def is_copy(one: Sketch, other: Sketch, cosine: float, rules: Rules = RULES) -> bool:
    """Whether two texts are one, but for light editing: cut, reordered, a few words changed."""
    shorter, longer = sorted((one, other), key=lambda s: len(s.shingles))
    return (
        cosine >= rules.alike
        and shared(shorter.shingles, longer.shingles) >= rules.contained
        and shared(shorter.lead, longer.shingles) >= rules.lead
        and shared(shorter.names.hashes, longer.names.hashes, empty=1.0) >= rules.names
    )


def shared(part: Hashes, whole: Hashes, empty: float = 0.0) -> float:
    """The share of ``part`` that ``whole`` has too; ``empty`` if there is nothing to share."""
    if not len(part):
        return empty
    return len(np.intersect1d(part, whole, assume_unique=True)) / len(part)
