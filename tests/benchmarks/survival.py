"""Work that is killed at random moments, and what is held against it afterwards.

Every kill hits a process of its own that runs the real News on real files. After it, a
copy of the data folder is opened and held against what was there before, while the work
goes on in the original; at the end that must hold what a run without a kill stored.
"""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from index import News
from index.paragraphs import split_paragraphs
from index.storing import sha256
from index.tables import articles, entries, paragraphs, vectors, versions
from tests import killable
from tests.fakes import StandInEmbedder

# The data folder of a scenario that was let run to its end.
UNKILLED = "unkilled"


@dataclass(frozen=True, slots=True)
class Kept:
    """An article as the database has it: all versions, the newest one's paragraphs."""

    title: str
    versions: tuple[tuple[int, str, str], ...]
    slices: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class State:
    """All articles by key, and for each model which texts are embedded."""

    articles: dict[str, Kept]
    vectors: dict[str, frozenset[str]]
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when, how far the work was, how the next start went, what was wrong."""

    after_s: float
    reported: int
    stored: int
    opened_s: float
    notices: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Work to be killed: ``prepare`` makes the data folder that it begins with."""

    name: str
    prepare: Callable[[Path], None]
    arguments: tuple[str, ...]
    model: str = "stand-in"
    stage: str = "articles"


@dataclass(slots=True)
class Survived:
    """What the kills of one scenario came to."""

    name: str
    length_s: float
    rounds: int = 0
    kills: list[Kill] = field(default_factory=list)
    wrong_ends: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All that was wrong; empty when every promise held."""
        return [p for kill in self.kills for p in kill.problems] + self.wrong_ends


def survive(scenario: Scenario, folder: Path, kills: int, chance: random.Random) -> Survived:
    """Kill a scenario's work so many times, at moments spread evenly over its length.

    Work that was killed goes on where it was until it comes to its end, again and again
    from a new data folder until there were enough kills.
    """
    unkilled = folder / UNKILLED
    scenario.prepare(unkilled)
    length = killable.run(unkilled, *scenario.arguments).worked_s
    expected, _, _, wrong = open_again(unkilled, scenario.model)
    survived = Survived(scenario.name, length, wrong_ends=wrong)
    while len(survived.kills) < kills:
        survived.rounds += 1
        data = folder / f"round {survived.rounds}"
        scenario.prepare(data)
        before = read_state(data)
        while True:
            moment = chance.uniform(0, length) if len(survived.kills) < kills else None
            ended = killable.run(data, *scenario.arguments, kill_after_s=moment)
            if not ended.killed:
                break
            kill, before = look_at(scenario, data, ended, before, expected)
            survived.kills.append(kill)
        final, _, _, problems = open_again(data, scenario.model)
        if final != expected:
            problems.append("the end differs from that of a run without a kill")
        survived.wrong_ends += problems
        shutil.rmtree(data)
    return survived


def look_at(
    scenario: Scenario, data: Path, ended: killable.Ended, before: State, expected: State
) -> tuple[Kill, State]:
    """What a kill left, seen in a copy, so that the work itself meets it as it is."""
    copy = data.with_name("copy")
    shutil.copytree(data, copy)
    after, opened, notices, problems = open_again(copy, scenario.model)
    shutil.rmtree(copy)
    problems += lost(before, after, scenario.model)
    if scenario.stage == "embedding":
        stored = len(after.vectors.get(scenario.model, ()))
    else:
        stored = sum(after.articles.get(k) == v for k, v in expected.articles.items())
    reported = ended.reported(scenario.stage)
    if reported > stored:
        problems.append(f"{reported} were reported as stored, {stored} are")
    return Kill(ended.worked_s, reported, stored, opened, notices, tuple(problems)), after


def open_again(data: Path, model: str) -> tuple[State, float, tuple[str, ...], list[str]]:
    """Open and bring up a data folder as the next start does.

    Gives the state before anything was brought up, the seconds, what was said, what is wrong.
    """
    began = time.monotonic()
    embedder = StandInEmbedder(model)
    news = News(data, embedder=embedder)
    try:
        opening = time.monotonic() - began
        state = read_state(data)
        began = time.monotonic()
        notices = news.bring_up()
        opening += time.monotonic() - began
        missing = state.wanted - state.vectors.get(model, frozenset())
        problems = [*news.disagreements(), *inconsistencies(data, state)]
        if embedder.encoded != len(missing):
            problems.append(f"{embedder.encoded} texts were embedded where {len(missing)} lacked")
        for kept in list(state.articles.values())[:3]:
            if kept.title not in {p.article.title for p in news.search(kept.title, 3)}:
                problems.append(f"search does not find {kept.title!r}")
    finally:
        news.close()
    return state, opening, tuple(notices), problems


def read_state(data: Path) -> State:
    """What the database of a data folder holds; nothing if there is none yet."""
    if not (data / "news.db").exists():
        return State({}, {}, frozenset())
    texts: dict[int, list[tuple[int, str, str]]] = {}
    slices: dict[int, list[tuple[int, int]]] = {}
    embedded: dict[str, set[str]] = {}
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.connect() as connection:
        for row in connection.execute(sa.select(versions).order_by(versions.c.number)):
            texts.setdefault(row.article, []).append((row.number, row.sha256, row.text))
        for row in connection.execute(sa.select(paragraphs).order_by(paragraphs.c.number)):
            slices.setdefault(row.article, []).append((row.start, row.end))
        for row in connection.execute(sa.select(vectors.c.model, vectors.c.embedded)):
            embedded.setdefault(row.model, set()).add(row.embedded)
        wanted = frozenset(connection.scalars(sa.select(paragraphs.c.embedded)))
        kept = {
            row.key: Kept(row.title, tuple(texts.get(row.id, ())), tuple(slices.get(row.id, ())))
            for row in connection.execute(sa.select(articles))
        }
    engine.dispose()
    return State(kept, {m: frozenset(e) for m, e in embedded.items()}, wanted)


def lost(before: State, after: State, model: str) -> list[str]:
    """What was stored before and is not there any more; texts of a version never change."""
    problems = [f"{key} is lost" for key in before.articles if key not in after.articles]
    for key, kept in before.articles.items():
        now = after.articles.get(key)
        if now is not None and now.versions[: len(kept.versions)] != kept.versions:
            problems.append(f"a version of {key} is lost")
    gone = (before.vectors.get(model, frozenset()) & after.wanted) - after.vectors.get(
        model, frozenset()
    )
    return problems + [f"{len(gone)} vectors are lost"] * bool(gone)


def inconsistencies(data: Path, state: State) -> list[str]:
    """Where a data folder contradicts itself."""
    problems: list[str] = []
    titles = Counter(kept.title for kept in state.articles.values())
    problems += [f"{title!r} is there {n} times" for title, n in titles.items() if n > 1]
    for key, kept in state.articles.items():
        numbers = [number for number, _, _ in kept.versions]
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            problems.append(f"the versions of {key} are {numbers}")
            continue
        if any(sha256(text) != digest for _, digest, text in kept.versions):
            problems.append(f"a text of {key} is not what its digest says")
        if kept.slices != tuple((s.start, s.end) for s in split_paragraphs(kept.versions[-1][2])):
            problems.append(f"the paragraphs of {key} are not its newest text's")
    engine = sa.create_engine(f"sqlite:///{data / 'news.db'}")
    with engine.connect() as connection:
        unclaimed = sa.select(articles.c.id).where(
            articles.c.id.not_in(sa.select(entries.c.article).where(entries.c.article.is_not(None)))
        )
        problems += [f"article {i} is of no source" for i in connection.scalars(unclaimed)]
        checked = list(connection.exec_driver_sql("PRAGMA integrity_check"))
        checked += list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
        problems += [str(tuple(row)) for row in checked if tuple(row) != ("ok",)]
    engine.dispose()
    unused = {m: found - state.wanted for m, found in state.vectors.items() if found - state.wanted}
    problems += [
        f"{len(found)} vectors of {model} are of no text" for model, found in unused.items()
    ]
    return problems
