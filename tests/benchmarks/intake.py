"""SIGKILL at random moments while questions come in: answered, lost, doubled.

A process that serves is killed again and again while people ask, and the last one is let
answer what is left. People ask in the last moments before a kill and the server's replies
take as long as Telegram's, so that many kills find questions in hand. The Bot API server
is the judge of what came; the database that a kill leaves says what was on record by then.
"""

import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests import servable
from tests.botapi import BotApiServer, Chat, Message, delay

QUESTIONS = (
    "who brokered the ceasefire?",
    "Who won the Nobel Peace Prize?",
    "How strong was the earthquake in Turkey?",
    "Who lit the Olympic cauldron?",
    "Where did India's spacecraft land?",
)
# A chat gets an answer a second, so that some are in hand side by side and some wait.
_A_PERSON_ASKS = 4
# How long a process lives: from its first call, or now and then from its start.
_LIVES_S = 2.5
_FROM_THE_START = 0.2
_LAST_MOMENTS_S = 0.6
_ROUND_TRIP_S = 0.15
# A request that was under way when the process died has been carried out by then.
_SETTLED_S = 0.2
_ALL_ANSWERED_S = 300.0


@dataclass(frozen=True, slots=True)
class Intake:
    """What the kills came to. ``between`` counts, over all kills, the answers that were sent
    and not yet recorded; ``excess`` those that came more often than that explains.
    """

    questions: int
    kills: int
    killed_in_hand: int
    killed_between: int
    between: int
    answered: int
    doubled: int
    excess: int
    out_of_order: int
    seconds: float


def run(questions: int = 100, kills: int = 20, seed: int = 1) -> dict[str, Any]:
    """All of it; the figures."""
    with tempfile.TemporaryDirectory(prefix="newsbot-intake-") as name:
        done = killed(Path(name), questions, kills, seed)
    table = Table("figure", "value")
    table.add_row("questions", str(done.questions))
    table.add_row("kills", f"{done.kills}, {done.killed_in_hand} with questions in hand")
    table.add_row("answered", str(done.answered))
    table.add_row("sent and unrecorded", f"{done.between}, at {done.killed_between} kills")
    table.add_row("doubled", str(done.doubled))
    table.add_row("doubled for no such reason", str(done.excess))
    table.add_row("answered out of a chat's order", str(done.out_of_order))
    table.add_row("seconds", f"{done.seconds:.0f}")
    Console().print(table)
    return {name: getattr(done, name) for name in Intake.__slots__}


def killed(folder: Path, questions: int, kills: int, seed: int) -> Intake:
    """Ask so many questions over so many lives of a process, then let one live on."""
    chance = random.Random(seed)
    data = servable.with_the_sample(folder / "data")
    began = time.monotonic()
    with BotApiServer() as server:
        server.inject(delay(_ROUND_TRIP_S, method="sendMessage", times=None, executed=True))
        people = Asking(server, questions)
        between: Counter[int] = Counter()
        killed_in_hand = killed_between = 0
        for life in range(kills):
            share = range(life * questions // kills, (life + 1) * questions // kills)
            _live_and_die(server, data, people, share, chance)
            unrecorded = _sent_unrecorded(data, people)
            between.update(unrecorded)
            killed_in_hand += bool(_in_hand(data))
            killed_between += bool(unrecorded)
        calls = len(server.calls())
        with servable.serving(server, data):
            server.wait(lambda: len(server.calls()) > calls, timeout=60)
            server.wait(lambda: people.answered() == questions, _ALL_ANSWERED_S)
            # What would come twice comes before the last update is done.
            _until_idle(server, data)
        assert server.strictness == []
        times = people.times()
        return Intake(
            questions=questions,
            kills=kills,
            killed_in_hand=killed_in_hand,
            killed_between=killed_between,
            between=between.total(),
            answered=sum(n > 0 for n in times.values()),
            doubled=sum(n - 1 for n in times.values() if n > 1),
            excess=sum(max(0, n - 1 - between[number]) for number, n in times.items()),
            out_of_order=people.out_of_order(),
            seconds=time.monotonic() - began,
        )


class Asking:
    """People who ask, each a few questions in their own chat; what came back to each."""

    def __init__(self, server: BotApiServer, questions: int) -> None:
        self._server = server
        self.asked: dict[int, Message] = {}
        self._chats: list[Chat] = []
        for number in range((questions + _A_PERSON_ASKS - 1) // _A_PERSON_ASKS):
            self._chats.append(server.private_chat(server.add_user(f"Person {number}")))

    def ask(self, number: int) -> None:
        """The next question, from the next person."""
        chat = self._chats[number % len(self._chats)]
        assert chat.user is not None
        text = QUESTIONS[number % len(QUESTIONS)]
        self.asked[number] = self._server.user_says(chat, chat.user, text)

    def answers(self, number: int) -> list[Message]:
        """What came in reply to a question."""
        asked = self.asked[number]
        return [m for m in self._server.sent(asked.chat) if m.reply_to is asked]

    def times(self) -> dict[int, int]:
        """How often each question was answered."""
        return {number: len(self.answers(number)) for number in self.asked}

    def answered(self) -> int:
        return sum(n > 0 for n in self.times().values())

    def out_of_order(self) -> int:
        """Questions answered for the first time before an earlier one of the same chat."""
        firsts: dict[int, list[int]] = {}
        for number in sorted(self.asked):
            if found := self.answers(number):
                firsts.setdefault(found[0].chat.id, []).append(found[0].id)
        return sum(a > b for ids in firsts.values() for a, b in pairwise(ids))


def _live_and_die(
    server: BotApiServer, data: Path, people: Asking, numbers: range, chance: random.Random
) -> None:
    """A process that serves and is killed at a random moment, while people ask."""
    calls = len(server.calls())
    from_the_start = chance.random() < _FROM_THE_START
    lives = chance.uniform(0, _LIVES_S)
    moments = sorted((chance.uniform(lives - _LAST_MOMENTS_S, lives), n) for n in numbers)
    bot = servable.start(server, data)
    try:
        if not from_the_start:
            server.wait(lambda: len(server.calls()) > calls, timeout=60)
        began = time.monotonic()
        for moment, number in moments:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            people.ask(number)
        time.sleep(max(0.0, began + lives - time.monotonic()))
        assert bot.process.poll() is None, bot.logged()
    finally:
        bot.process.kill()
        bot.process.wait()
    time.sleep(_SETTLED_S)


def _sent_unrecorded(data: Path, people: Asking) -> list[int]:
    """The questions whose answer is at the server and not on record as shown."""
    rows = _rows(data, "select chat, asked_message from answers where shown_message is not null")
    return [
        number
        for number, asked in people.asked.items()
        if people.answers(number) and (asked.chat.id, asked.id) not in rows
    ]


def _in_hand(data: Path) -> set[Any]:
    return _rows(data, "select update_id, 0 from inbox where done is null")


def _rows(data: Path, query: str) -> set[Any]:
    if not (data / "chats.db").exists():
        return set()
    with closing(sqlite3.connect(data / "chats.db", timeout=30)) as database:
        try:
            return set(database.execute(query).fetchall())
        except sqlite3.OperationalError:
            # Killed before its tables were made.
            return set()


def _until_idle(server: BotApiServer, data: Path) -> None:
    ends = time.monotonic() + 60
    while server.pending() or _in_hand(data):
        assert time.monotonic() < ends, "updates are left unhandled"
        time.sleep(0.2)
    time.sleep(_SETTLED_S)
