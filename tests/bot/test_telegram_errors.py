"""What Telegram refuses, loses or keeps to itself: newsbot as a process goes on each time."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import servable
from tests.bot.process import QUESTION, Running, answer_to, said
from tests.botapi import (
    BotApiServer,
    Chat,
    Fault,
    Message,
    User,
    cut,
    delay,
    fail,
    flood,
    garbage,
)

ANSWER = "brokered by Russia"


@dataclass(frozen=True, slots=True)
class Bot:
    """A serving process, its server and its data folder."""

    server: BotApiServer
    process: Running
    data: Path

    def suspended(self, chat: Chat) -> bool:
        """Whether it has noted that it cannot write to a chat."""
        return bool(self.rows("select 1 from chats where id = ? and suspended > 0", chat))

    def rows(self, query: str, chat: Chat) -> list[object]:
        """What its database has of a chat."""
        with closing(sqlite3.connect(self.data / "chats.db", timeout=30)) as database:
            return list(database.execute(query, (chat.id,)))

    def goes_on(self) -> None:
        """The next question, of somebody else, is answered once."""
        asked = ask(self.server, self.server.add_user("Next"))
        assert ANSWER in said(answer_to(self.server, asked))
        assert len(self.server.sent(asked.chat)) == 1

    def logs(self, words: str, seconds: float = 30) -> str:
        """Wait for words in the log; all of it."""
        ends = time.monotonic() + seconds
        while words not in self.process.logged():
            assert time.monotonic() < ends, self.process.logged()
            time.sleep(0.05)
        return self.process.logged()


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    data = servable.with_the_sample(tmp_path_factory.mktemp("errors") / "data")
    with BotApiServer() as server:
        with servable.serving(server, data) as process:
            yield Bot(server, process, data)
        assert server.strictness == []


@pytest.fixture
def ann(bot: Bot) -> User:
    return bot.server.add_user("Ann")


def ask(server: BotApiServer, user: User, text: str = QUESTION) -> Message:
    return server.user_says(server.private_chat(user), user, text)


def test_who_blocks_it_is_noted_until_they_come_back(bot: Bot, ann: User) -> None:
    """403 on the answer: the chat is set aside, and taken back when its person starts again."""
    with bot.server.world.lock:
        asked = ask(bot.server, ann)
        bot.server.user_blocks(ann)
    bot.logs(f"chat {asked.chat.id} cannot be written to")
    bot.goes_on()
    assert bot.suspended(asked.chat)
    bot.server.user_starts(ann)
    bot.server.wait(lambda: bot.server.sent(asked.chat), timeout=60)
    assert not bot.suspended(asked.chat)
    assert ANSWER in said(answer_to(bot.server, ask(bot.server, ann)))


def test_out_of_a_group_it_says_nothing_more(bot: Bot, ann: User) -> None:
    """403 because it was thrown out of a group: noted; other groups are answered."""
    group = bot.server.add_group("Readers", [ann])
    with bot.server.world.lock:
        bot.server.user_says(group, ann, f"/ask {QUESTION}")
        bot.server.kick_bot(group, ann)
    bot.logs(f"chat {group.id} cannot be written to")
    other = bot.server.add_group("Others", [ann])
    asked = bot.server.user_says(other, ann, f"/ask {QUESTION}")
    assert ANSWER in said(answer_to(bot.server, asked))


def test_an_answer_follows_a_group_that_moves(bot: Bot, ann: User) -> None:
    """A group that becomes a supergroup before the answer leaves gets it there; its buttons
    and replies to it work in the new chat."""
    server = bot.server
    group = server.add_group("Old", [ann], basic=True)
    with server.world.lock:
        server.user_says(group, ann, f"/ask {QUESTION}")
        moved = server.migrate(group)
    [answer] = server.wait(lambda: server.sent(moved), timeout=60)
    assert ANSWER in said(answer)
    # A machine presses sooner than the bot has noted where its answer went; nobody else does.
    while not bot.rows("select 1 from answers where chat = ? and shown_message > 0", moved):
        time.sleep(0.05)
    server.user_presses(answer, "Passage", ann)
    assert "2  It ended 24 hours of fighting" in said(answer_to(server, answer))
    follow = server.user_says(moved, ann, "when did it take effect?", reply_to=answer)
    assert said(answer_to(server, follow)).startswith("I read this as:")


def test_a_closed_topic_is_no_reason_to_stop(bot: Bot, ann: User) -> None:
    """An answer to a topic that was closed meanwhile is refused; other topics are answered."""
    server = bot.server
    forum = server.add_group("Forum", [ann], forum=True)
    closed, open_ = (server.create_topic(forum, ann, name) for name in ("One", "Two"))
    with server.world.lock:
        server.user_says(forum, ann, f"/ask {QUESTION}", thread=closed)
        server.close_topic(forum, closed, ann)
    bot.logs("Topic_closed")
    asked = server.user_says(forum, ann, f"/ask {QUESTION}", thread=open_)
    assert answer_to(server, asked).thread_id == open_


def test_refused_markup_is_sent_as_plain_text(bot: Bot, ann: User) -> None:
    """When Telegram cannot parse the markup, the same words come without it; the log says so."""
    wrong = "Bad Request: can't parse entities: Unexpected end of name token at byte offset 7"
    fault = bot.server.inject(fail(400, wrong, method="sendMessage", chat=ann.id))
    answer = answer_to(bot.server, ask(bot.server, ann))
    assert fault.hits == 1
    assert ANSWER in said(answer) and "[1]" in said(answer)
    assert "<" not in said(answer)
    assert {e["type"] for e in answer.entities} <= {"url"}
    assert answer.buttons
    assert "Telegram refused our markup" in bot.process.logged()


@pytest.mark.parametrize(
    "fault",
    [
        cut(executed=True, method="sendMessage"),
        delay(7, method="sendMessage", executed=True),
        garbage(method="sendMessage"),
        garbage(status=502, method="sendMessage"),
    ],
    ids=["cut", "too late", "no JSON", "a proxy's 502"],
)
def test_what_may_have_arrived_is_counted_and_not_repeated(bot: Bot, fault: Fault) -> None:
    """No answer, a late one or one that is not Telegram's: counted in the log, sent once."""
    person = bot.server.add_user("Person")
    chat = bot.server.private_chat(person)
    fault.chat = chat.id
    bot.server.inject(fault)
    before = bot.process.logged().count("the outcome is unknown")
    ask(bot.server, person)
    bot.logs(f"{before + 1} such since the start")
    bot.goes_on()
    assert fault.hits == 1
    assert len(bot.server.sent(chat)) == 1
    # What comes next in that chat is answered.
    assert ANSWER in said(answer_to(bot.server, ask(bot.server, person)))


def test_what_surely_did_not_arrive_is_sent_again(bot: Bot, ann: User) -> None:
    """Telegram's own 500s and a penalty of two seconds are waited out; one answer comes."""
    bot.server.inject(fail(500, method="sendMessage", chat=ann.id, times=2))
    bot.server.inject(flood(2, method="sendMessage", chat=ann.id))
    asked = ask(bot.server, ann)
    assert ANSWER in said(answer_to(bot.server, asked))
    assert len(bot.server.sent(asked.chat)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        fail(502, "Bad Gateway", method="getUpdates"),
        cut(executed=True, method="getUpdates"),
        garbage(method="getUpdates"),
    ],
    ids=["refused", "cut", "no JSON"],
)
def test_a_failing_poll_is_tried_again(bot: Bot, fault: Fault) -> None:
    """A poll that is refused, cut or answered by a proxy's page loses and doubles nothing."""
    bot.server.inject(fault)
    # The poll that is open now brings this one; the next one fails, with the second if it can.
    bot.goes_on()
    bot.goes_on()
    assert fault.hits == 1


def test_a_network_that_goes_away_comes_back(bot: Bot, ann: User) -> None:
    """What is in hand or asked during an outage is answered after it, once each."""
    fault = bot.server.inject(fail(500, method="sendMessage", chat=ann.id))
    in_hand = ask(bot.server, ann)
    bot.server.wait(lambda: fault.hits, timeout=60)
    bot.server.network_gone(4)
    during = ask(bot.server, bot.server.add_user("Bea"))
    for question in (in_hand, during):
        assert ANSWER in said(answer_to(bot.server, question))
        assert len(bot.server.sent(question.chat)) == 1
    bot.goes_on()


def test_a_name_that_is_not_resolved_at_the_start(tmp_path: Path) -> None:
    """newsbot started before the network is there waits for it, and answers what waited."""
    data = servable.with_the_sample(tmp_path / "data")
    with BotApiServer() as server:
        asked = ask(server, server.add_user("Ann"))
        url = server.base_url.replace("127.0.0.1", servable.HOST)
        with servable.serving(server, data, "--unresolved", "2", NEWSBOT_API_URL=url) as bot:
            assert ANSWER in said(answer_to(server, asked))
            assert bot.logged().count("Telegram cannot be reached") == 2
