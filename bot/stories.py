"""Which articles are copies of one another, and which tell the same story. Pure.

Single-pass clustering in the order of time, as in Topic Detection and Tracking (Allan et
al., "Topic detection and tracking pilot study", 1998): each article is held against those
of the last days and joins the story whose members it resembles, or begins one. A story is
known by the id of the article that began it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import numpy as np
from numpy.typing import NDArray

from bot.likeness import RULES, Comparison, Rules, is_copy
from bot.sketches import Sketch

_DAY_S = 86_400.0
# Pairs with a smaller cosine are hardly ever one story; they are spared the closer look.
_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs.

    ``story`` is the id of the article that began the story; its own, if it did.
    ``copy_of`` is the id of the first placed article of its group of copies, None for that
    one itself. A group is one independent source; earliest() says which of it is cited.
    """

    article: int
    story: int
    copy_of: int | None

    @property
    def group(self) -> int:
        """What all copies of one text have in common."""
        return self.article if self.copy_of is None else self.copy_of


@dataclass(frozen=True, slots=True)
class Known:
    """An article that has its place."""

    sketch: Sketch
    placed: Placed


class Recent:
    """The articles of the last days that have their place, by time; never changes."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.known = tuple(sorted(known, key=lambda k: _order(k.sketch)))

    def __len__(self) -> int:
        return len(self.known)

    def since(self, moment: datetime) -> "Recent":
        """Those not older than ``moment``; see window()."""
        return Recent(k for k in self.known if k.sketch.moment >= moment)


def window(moment: datetime, rules: Rules = RULES) -> datetime:
    """The moment before which nothing matters to an article of ``moment``."""
    return moment - timedelta(days=max(rules.copy_days, rules.story_days))


def earliest(copies: Iterable[Sketch]) -> Sketch:
    """The one of a group of copies that is cited; the others are listed beside it."""
    return min(copies, key=_order)


def place(
    new: Sequence[Sketch], recent: Recent, rules: Rules = RULES
) -> tuple[list[Placed], Recent]:
    """Places for new articles, in the order given, and the window with them in it.

    They are placed in the order of time, whatever order they are given in. An article that
    has its place (a new version of it came) keeps it. Costs one matrix product of the new
    with all, and a closer look at the pairs that are near.
    """
    placed = {k.sketch.article: k.placed for k in recent.known}
    order = sorted({s.article: s for s in new if s.article not in placed}.values(), key=_order)
    if order:
        _place(order, recent, placed, rules)
    added = (Known(s, placed[s.article]) for s in order)
    return [placed[s.article] for s in new], Recent([*recent.known, *added])


def _place(
    order: Sequence[Sketch], recent: Recent, placed: dict[int, Placed], rules: Rules
) -> None:
    """Add the places of ``order`` to ``placed``."""
    sketches = [*(k.sketch for k in recent.known), *order]
    comparison = Comparison(sketches, rules)
    vectors = np.stack([s.vector for s in sketches])
    moments = np.array([s.moment.timestamp() for s in sketches])
    cosines = vectors[len(recent) :] @ vectors.T
    members: dict[int, list[int]] = {}
    for i, known in enumerate(recent.known):
        members.setdefault(known.placed.story, []).append(i)
    for at, one in enumerate(order, start=len(recent)):
        cosine = cosines[at - len(recent)]
        days = np.abs(moments - moments[at]) / _DAY_S
        origin = _original(at, sketches, cosine, days, rules)
        if origin is not None:
            first = placed[sketches[origin].article]
            place = Placed(one.article, first.story, first.group)
        else:
            near: dict[int, float] = {}
            if not one.round_up:
                within = (cosine[:at] >= _NEAR) & (days[:at] <= rules.story_days)
                near = {
                    i: comparison.chance(at, i, float(cosine[i]), float(days[i]))
                    for i in np.flatnonzero(within).tolist()
                    if not sketches[i].round_up
                }
            story = _story(near, sketches, days, placed, members, rules)
            place = Placed(one.article, one.article if story is None else story, None)
        placed[one.article] = place
        members.setdefault(place.story, []).append(at)


def _original(
    at: int,
    sketches: Sequence[Sketch],
    cosine: NDArray[np.float32],
    days: NDArray[np.float64],
    rules: Rules,
) -> int | None:
    """The nearest of the articles before ``at`` that it is a copy of."""
    within = np.flatnonzero((cosine[:at] >= rules.alike) & (days[:at] <= rules.copy_days))
    for i in within[np.argsort(-cosine[within], kind="stable")].tolist():
        if is_copy(sketches[at], sketches[i], float(cosine[i]), rules):
            return int(i)
    return None


def _story(
    near: dict[int, float],
    sketches: Sequence[Sketch],
    days: NDArray[np.float64],
    placed: dict[int, Placed],
    members: dict[int, list[int]],
    rules: Rules,
) -> int | None:
    """The story that an article joins, given its chance with each article that is near it.

    It must resemble a share of the story's members, not one of them alone, so that a story
    does not run from event to event along a chain. Copies count as one member.
    """
    best, most = None, rules.join
    for story in sorted({placed[sketches[i].article].story for i in near}):
        groups: dict[int, float] = {}
        for i in members[story]:
            if days[i] <= rules.story_days:
                group = placed[sketches[i].article].group
                groups[group] = max(groups.get(group, 0.0), near.get(i, 0.0))
        counted = sorted(groups.values(), reverse=True)[: max(1, ceil(rules.share * len(groups)))]
        chance = sum(counted) / len(counted)
        if chance >= most and (best is None or chance > most):
            best, most = story, chance
    return best


def _order(sketch: Sketch) -> tuple[datetime, int]:
    return sketch.moment, sketch.article
