"""What Telegram offers beside messages: links, guests, files, menus, edits in time."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import servable
from tests.bot.process import QUESTION, answer_to, pages, said
from tests.botapi import BotApiServer, Message, User

ANSWER = "brokered by Russia"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return servable.with_the_sample(tmp_path_factory.mktemp("offers") / "data")


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[BotApiServer]:
    with BotApiServer(privacy_mode=False) as running:
        admin = running.add_user("Admin")
        with servable.serving(running, data, NEWSBOT_ADMINS=f"[{admin.id}]"):
            yield running
        assert running.strictness == []


@pytest.fixture
def ann(server: BotApiServer) -> User:
    return server.add_user("Ann")


def ask(server: BotApiServer, person: User, text: str = QUESTION) -> Message:
    return server.user_says(server.private_chat(person), person, text)


def linked(server: BotApiServer, message: Message) -> str:
    """The payload of the link that a message's button copies."""
    [link] = [b.copy_text for b in message.buttons if b.text == "Link"]
    assert link is not None
    address, _, payload = link.partition("?start=")
    assert address == f"https://t.me/{server.bot.username}"
    return payload


def test_a_link_opens_an_answer_for_whoever_has_it(server: BotApiServer, ann: User) -> None:
    """An answer's link shows it to somebody else, question and all, and its buttons work there;
    a link whose number was changed opens nothing.
    """
    payload = linked(server, answer_to(server, ask(server, ann)))
    bea = server.add_user("Bea")
    opened = answer_to(server, server.user_starts(bea, payload))
    assert said(opened).startswith(f"Asked: {QUESTION}")
    assert ANSWER in said(opened)
    server.user_presses(opened, "Passage")
    assert "2  It ended 24 hours of fighting" in said(answer_to(server, opened))
    follow = answer_to(server, ask(server, bea, "and when did it take effect?"))
    assert said(follow).startswith("I read this as:")
    number, seal = payload.split("-")
    greeting = answer_to(server, server.user_starts(bea, f"a{int(number[1:]) + 1}-{seal}"))
    assert said(greeting).startswith("I answer questions about the news")


def test_a_link_opens_a_story_to_follow(server: BotApiServer, ann: User) -> None:
    """The link of a story that one follows shows its articles to another, who can follow too."""
    answer = answer_to(server, ask(server, ann))
    server.user_presses(answer, "Follow")
    payload = linked(server, answer_to(server, answer))
    bea = server.add_user("Bea")
    story = answer_to(server, server.user_starts(bea, payload))
    assert "Newsbot Sample · 21 September 2023" in said(story)
    assert linked(server, story) == payload
    server.user_presses(story, "Follow")
    assert said(answer_to(server, story)).startswith("You follow this story:")
    gone = answer_to(server, server.user_starts(bea, "s999999"))
    assert said(gone) == "This story is no longer kept."


def test_a_guest_is_answered_where_it_was_summoned(server: BotApiServer, ann: User) -> None:
    """Mentioned in a group that it is not in, the bot answers once, with its sources."""
    group = server.add_group("Elsewhere", [ann], bot=None)
    query = server.user_summons(group, ann, f"@{server.bot.username} {QUESTION}")
    inserted = server.wait(lambda: query.answer, timeout=60)
    assert ANSWER in said(inserted) and "[1]" in said(inserted)
    assert server.sent(group) == [inserted]


def test_inline_without_an_answer_says_so(server: BotApiServer, ann: User) -> None:
    """What is not in the sources has nothing to insert; a line above the empty list says that."""
    query = server.user_asks_inline(ann, "Who won the election in Peru?")
    server.wait(lambda: query.results is not None, timeout=60)
    assert query.results == []
    [*_, call] = server.calls("answerInlineQuery")
    assert "Not in my sources." in call.parameters["button"]


def test_an_edit_after_two_minutes_changes_nothing(server: BotApiServer, ann: User) -> None:
    """The answer stands when its question is edited later than that."""
    asked = ask(server, ann)
    answer = answer_to(server, asked)
    server.advance(121)
    server.user_edits(asked, "Who lit the Olympic cauldron?")
    next_one = answer_to(server, ask(server, ann))
    assert ANSWER in said(answer) and not answer.earlier
    assert len(server.sent(asked.chat)) == 2, said(next_one)


def test_an_administrator_sends_a_list_of_feeds(server: BotApiServer) -> None:
    """An OPML file is read: what each feed in it came to is told."""
    admin = next(u for u in server.world.users.values() if u.first_name == "Admin")
    with pages() as url:
        outline = f'<outline text="Lundholm" type="rss" xmlUrl="{url}/feed.xml"/>'
        opml = f'<opml version="2.0"><head/><body>{outline}</body></opml>'.encode()
        chat = server.private_chat(admin)
        file = server.user_sends_document(chat, admin, "feeds.opml", opml)
        assert "Lundholm" in said(answer_to(server, file))
    listed = said(answer_to(server, ask(server, admin, "/sources")))
    assert "Lundholm" in listed


def test_forget_leaves_nothing_in_the_database(server: BotApiServer, data: Path) -> None:
    """After the confirmation neither the chat's number nor a word of it is kept anywhere."""
    zoe = server.add_user("Zoe")
    answer_to(server, ask(server, zoe, "What is a zyzzyva?"))
    answer = answer_to(server, ask(server, zoe, "Who brokered the ceasefire in Karabakh?"))
    server.user_presses(answer, "Follow")
    answer_to(server, answer)
    server.user_presses(answer, "Right")
    sure = answer_to(server, ask(server, zoe, "/forget"))
    kept = rows(data)
    assert "zyzzyva" in kept and str(zoe.id) in kept
    server.user_presses(sure, "Delete it")
    server.wait(lambda: said(sure) == "Everything about this chat is deleted.", timeout=60)
    ends = time.monotonic() + 30
    while "zyzzyva" in (kept := rows(data)) or str(zoe.id) in kept:
        assert time.monotonic() < ends, kept
        time.sleep(0.1)


def rows(data: Path) -> str:
    """All rows of all tables that are about chats, as text."""
    with closing(sqlite3.connect(data / "chats.db", timeout=30)) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        return "\n".join(
            f"{name} {row}"
            for (name,) in tables
            for row in database.execute(f"select * from {name}")
        )


def test_commands_are_in_the_menus(server: BotApiServer, ann: User) -> None:
    """In private chats and in groups the menu has what everybody may do."""
    group = server.add_group("Readers", [ann])
    for chat in (server.private_chat(ann), group):
        shown = {command["command"] for command in server.commands_shown(chat, ann)}
        assert shown >= set("start help ask latest sources status settings forget".split())
        assert not shown & {"add", "remove", "refresh"}


def test_a_channel_s_discussion_is_answered_when_meant(server: BotApiServer, ann: User) -> None:
    """A comment on a channel's post that mentions the bot is answered as a reply to it."""
    group = server.add_group("Discussion", [ann])
    channel = server.add_channel("Channel", ann, bot=None, discussion=group)
    server.channel_posts(channel, "A ceasefire was brokered.")
    post = list(group.messages.values())[-1]
    server.user_says(group, ann, "Who says so?", reply_to=post)
    comment = server.user_says(group, ann, f"@{server.bot.username} {QUESTION}", reply_to=post)
    assert ANSWER in said(answer_to(server, comment))
    assert len(server.sent(group)) == 1
