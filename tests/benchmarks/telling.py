"""SIGKILL at each boundary between an article and a subscriber: lost, doubled.

Every run starts with a data folder of subscriptions, lets a process add articles, match
and deliver, kills it at a seeded moment of a boundary, up to three times, and then lets one
end. The Bot API server is the judge of what came.
"""

import random
import shutil
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.chats import Chats
from bot.subscriptions import Kind, Subscription, Subscriptions
from tests import tellable
from tests.botapi import BotApiServer

ARTICLES = 4
CHATS = 3
_MOST_KILLS = 3
_AT_ONCE = 4
# Alembic makes tables in one thread at a time.
_MIGRATING = Lock()
# How often a run that is not killed comes to those boundaries that it meets more than once.
_TIMES = dict.fromkeys(("before send", "after send", "recorded"), ARTICLES * CHATS)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the boundaries at which it was killed, updates lost and doubled.

    ``caught`` has for each kill how many updates it fell on between their sending and their
    record: chats are sent to at the same time.
    """

    kills: tuple[str, ...]
    caught: tuple[int, ...]
    lost: int
    doubled: int


def run(runs: int = 200) -> dict[str, Any]:
    """All runs; the figures by boundary."""
    with (
        tempfile.TemporaryDirectory(prefix="newsbot-telling-") as name,
        # Most of a run is the pace of Telegram.
        ThreadPoolExecutor(_AT_ONCE) as runner,
    ):
        done = list(runner.map(lambda seed: one_run(Path(name), seed), range(runs)))
    table = Table("killed at", "kills")
    for boundary, count in Counter(k for r in done for k in r.kills).most_common():
        table.add_row(boundary, str(count))
    kills = sum(len(r.kills) for r in done)
    caught = sum(sum(r.caught) for r in done)
    between = sum(count > 0 for r in done for count in r.caught)
    lost, doubled = sum(r.lost for r in done), sum(r.doubled for r in done)
    table.add_section()
    table.add_row("all", str(kills))
    table.add_row(f"updates of {runs} runs", str(runs * ARTICLES * CHATS))
    table.add_row("lost", str(lost))
    table.add_row("kills between a sending and its record", str(between))
    table.add_row("updates that they fell on", str(caught))
    table.add_row("doubled", str(doubled))
    Console().print(table)
    return {
        "runs": runs,
        "kills": kills,
        "lost": lost,
        "doubled": doubled,
        "between": between,
        "caught": caught,
    }


def one_run(folder: Path, seed: int) -> Run:
    """A run of its own in a folder; deterministic but for the moments within the process."""
    chance = random.Random(seed)
    place = folder / f"run-{seed}"
    articles = place / "articles"
    articles.mkdir(parents=True)
    titles = [_write(articles, number, chance) for number in range(ARTICLES)]
    kills: list[str] = []
    with BotApiServer() as server:
        chats = _subscribe(place / "data", articles, server)
        while len(kills) < chance.randint(1, _MOST_KILLS):
            boundary = chance.choice(tellable.BOUNDARIES)
            nth = chance.randint(1, _TIMES.get(boundary, 1))
            if tellable.run(place / "data", articles, server.base_url, server.token, boundary, nth):
                kills.append(boundary)
            else:
                break
        assert not tellable.run(place / "data", articles, server.base_url, server.token)
        came = Counter(
            (chat, title)
            for chat in chats
            for message in server.sent(server.world.chats[chat])
            for title in titles
            if title in (message.text or "")
        )
    note = place / "data" / tellable.CAUGHT
    caught = note.read_text(encoding="ascii").split() if note.exists() else []
    shutil.rmtree(place)
    wanted = {(chat, title) for chat in chats for title in titles}
    return Run(
        tuple(kills),
        tuple(map(int, caught)),
        lost=len(wanted - came.keys()),
        doubled=sum(count - 1 for count in came.values()),
    )


def _subscribe(data: Path, articles: Path, server: BotApiServer) -> list[int]:
    data.mkdir()
    with _MIGRATING:
        store = Chats(f"sqlite:///{data / 'chats.db'}")
    subscriptions = Subscriptions(store.engine)
    ids = []
    now = datetime.now(UTC)
    for number in range(CHATS):
        user = server.add_user(f"Reader {number}")
        server.user_starts(user)
        chat = server.private_chat(user).id
        ids.append(chat)
        store.chat(chat, "private", now)
        subscriptions.add(Subscription(0, chat, 0, Kind.SOURCE, str(articles), 0, None, False, now))
    store.close()
    return ids


def _write(folder: Path, number: int, chance: random.Random) -> str:
    """An article like no other: words that no other has, so that none is another's copy."""
    words = ["".join(chance.choices("abdefgiklmnoprstuv", k=7)) for _ in range(120)]
    title = f"Report {words[0]} on {words[1]}"
    paragraphs = [" ".join(words[i : i + 30]).capitalize() + "." for i in range(0, 120, 30)]
    body = "\n\n".join(paragraphs)
    (folder / f"{number}.md").write_text(f"---\ntitle: {title}\noutlet: Post\n---\n{body}\n")
    return title
