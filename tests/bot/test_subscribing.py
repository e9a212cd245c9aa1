"""Subscriptions in the whole bot: asked for, seen, changed, told, ended."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bot.process import QUESTION, ROOT, Running, answer_to, running, said, with_the_sample
from tests.botapi import BotApiServer, Chat, Message, User

BRIDGE = (
    "Harbour bridge opens in Lundholm",
    "The harbour bridge at Lundholm opened to traffic on Monday after nine years of work.",
    "Some 300 people watched as the mayor, Ina Falk, cut the ribbon of the bridge.",
)
BRIDGE_AGAIN = (
    "Harbour bridge in Lundholm closes again",
    "The harbour bridge at Lundholm was closed on Tuesday, a day after it opened, because of"
    " cracks in two of its cables, inspectors reported.",
    "Mayor Ina Falk said that the repair of the bridge would last until spring.",
)


@dataclass(frozen=True)
class Loop:
    """The bot, its server, its administrator, and the folder that it reads."""

    server: BotApiServer
    bot: Running
    admin: User
    folder: Path
    data: Path

    def write(self, name: str, story: tuple[str, ...], outlet: str = "Lundholm Post") -> None:
        """An article appears in the folder."""
        title, *paragraphs = story
        body = "\n\n".join(paragraphs)
        text = f"---\ntitle: {title}\noutlet: {outlet}\n---\n{body}\n"
        (self.folder / f"{name}.md").write_text(text)

    def publish(
        self, name: str, story: tuple[str, ...], outlet: str = "Lundholm Post", new: int = 1
    ) -> None:
        """An article appears, and the administrator has it read with what else is ``new``."""
        self.write(name, story, outlet)
        chat = self.server.private_chat(self.admin)
        told = answer_to(self.server, self.server.user_says(chat, self.admin, "/refresh"))
        assert f"{new} new" in said(told), said(told)

    def say(self, user: User, text: str) -> Message:
        """What the bot answers to a message in private."""
        asked = self.server.user_says(self.server.private_chat(user), user, text)
        return answer_to(self.server, asked)

    def wait_for(self, chat: Chat, words: str) -> Message:
        """The bot's message in a chat that has these words."""
        found: Message = self.server.wait(
            lambda: next((m for m in self.server.sent(chat) if words in (m.text or "")), None),
            timeout=90,
        )
        return found


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    home = tmp_path_factory.mktemp("subscribing")
    folder = home / "articles"
    folder.mkdir()
    (folder / "first.md").write_text("---\ntitle: A first one\noutlet: Post\n---\nNothing yet.\n")
    data = with_the_sample(home / "data", folder)
    with BotApiServer(privacy_mode=False) as server:
        admin = server.add_user("Admin")
        server.user_starts(admin)
        with running(server, data, NEWSBOT_ADMINS=f"[{admin.id}]") as bot:
            yield Loop(server, bot, admin, folder, data)


@pytest.fixture
def ann(loop: Loop) -> User:
    user = loop.server.add_user("Ann")
    loop.server.user_starts(user)
    return user


def test_a_topic_is_previewed_told_once_and_followed_up(loop: Loop, ann: User) -> None:
    """A topic's new article comes with its quote and why; a follow-up replies with what is new."""
    chat = loop.server.private_chat(ann)
    card = loop.say(ann, "/subscribe harbour bridge in Lundholm")
    assert said(card).startswith("You will be told of news on: harbour bridge in Lundholm")
    assert "nothing would have matched" in said(card)
    loop.publish("bridge", BRIDGE)
    first = loop.wait_for(chat, BRIDGE[0])
    assert "opened to traffic on Monday after nine years of work." in said(first)
    assert "Lundholm Post · no date · paragraph 1" in said(first)
    assert "Because you follow: harbour bridge in Lundholm" in said(first)
    loop.publish("copy", BRIDGE, outlet="Coast Courier")
    loop.publish("again", BRIDGE_AGAIN)
    second = loop.wait_for(chat, "cracks in two of its cables")
    about = [m for m in loop.server.sent(chat) if "Because you follow" in (m.text or "")]
    assert about == [first, second]
    assert "Harbour bridge" in said(second)
    assert second.reply_to is first
    loop.server.user_presses(first, "Follow")
    loop.wait_for(chat, f"You follow this story: {BRIDGE[0]}")
    assert said(loop.say(ann, f"/unsubscribe {BRIDGE[0]}")) == f"Removed: {BRIDGE[0]}"


def test_the_list_and_its_buttons(loop: Loop, ann: User) -> None:
    """The list opens a subscription; it is narrowed, timed, paused and removed by its buttons."""
    loop.say(ann, "/subscribe volcano -Iceland")
    loop.say(ann, "/subscribe Newsbot Sample")
    listed = loop.say(ann, "/subscriptions")
    assert "volcano -Iceland\ntopic · At once" in said(listed)
    assert "Newsbot Sample\nsource · At once" in said(listed)
    loop.server.user_presses(listed, "1")
    card = answer_to(loop.server, listed)
    for label, expected in (
        ("Narrower", "At once"),
        ("When", "At once"),
        ("When", "Once an hour"),
        ("Pause", "Paused"),
        ("Go on", "Once an hour"),
        ("Remove", "Removed: volcano -Iceland"),
    ):
        pressed = loop.server.user_presses(card, label)
        loop.server.wait(lambda pressed=pressed: pressed.answer is not None, timeout=60)
        loop.server.wait(lambda expected=expected: expected in said(card), timeout=60)
    assert "volcano" not in said(loop.say(ann, "/subscriptions"))


def test_a_question_is_told_when_it_has_an_answer(loop: Loop, ann: User) -> None:
    """A question that the news did not answer is told its answer, cited, when it comes."""
    chat = loop.server.private_chat(ann)
    loop.say(ann, "/subscribe Who discovered the comet Falkenberg?")
    loop.wait_for(chat, "My sources don't say now.")
    loop.publish(
        "comet",
        (
            "New comet seen from Chile",
            "The comet Falkenberg was discovered by the astronomer Rosa Quispe in Chile on Friday.",
        ),
    )
    told = loop.wait_for(chat, "There is an answer now")
    assert "discovered by the astronomer Rosa Quispe" in said(told)
    loop.publish(
        "comet again",
        (
            "The comet over Chile",
            "The comet Falkenberg was discovered by the Chilean astronomer Rosa Quispe, it says.",
        ),
        outlet="Coast Courier",
    )
    loop.publish(
        "comet corrected",
        (
            "Comet was seen earlier",
            "The comet Falkenberg was discovered by the engineer Jonas Brandt, archives show.",
        ),
        outlet="Coast Courier",
    )
    changed = loop.wait_for(chat, "The answer has changed")
    assert "discovered by the engineer Jonas Brandt" in said(changed)
    before = said(changed).partition("Before, it was:")[2]
    assert "discovered by the astronomer Rosa Quispe" in before
    assert "Coast Courier" in before and "Lundholm Post" in before
    answers = [m for m in loop.server.sent(chat) if "comet Falkenberg was disc" in (m.text or "")]
    assert answers == [told, changed]


def test_an_answer_that_is_known_does_not_hide_another_that_came_with_it(
    loop: Loop, ann: User
) -> None:
    """Of two articles read together, one says what was told already and one says otherwise."""
    chat = loop.server.private_chat(ann)
    loop.say(ann, "/subscribe Who designed the lighthouse of Torsby?")
    loop.wait_for(chat, "My sources don't say now.")
    by_lind = "The lighthouse of Torsby was designed by the architect Sara Lind, the harbour says."
    loop.publish("lighthouse", ("Torsby has a lighthouse", by_lind))
    loop.wait_for(chat, "There is an answer now")
    by_holm = "The lighthouse of Torsby was designed by the engineer Karl Holm, drawings show."
    again = by_lind.replace("the harbour says", "says the town")
    loop.write("lighthouse again", ("A lighthouse for Torsby", again), outlet="Coast Courier")
    loop.publish("lighthouse drawn", ("Who drew the tower", by_holm), new=2)
    assert "engineer Karl Holm" in said(loop.wait_for(chat, "The answer has changed"))


def test_what_comes_in_quiet_hours_waits_and_digest_brings_it(loop: Loop, ann: User) -> None:
    """Held updates come as one digest when it is asked for."""
    chat = loop.server.private_chat(ann)
    assert "08:00" in said(loop.say(ann, "/schedule 8:00"))
    assert "22:00-07:00" in said(loop.say(ann, "/quiet 22:00-7:00"))
    assert said(loop.say(ann, "/digest")) == "Nothing is waiting for you."
    loop.say(ann, "/subscribe lighthouse keepers")
    loop.say(ann, "/subscribe glass makers")
    loop.publish("keepers", ("Lighthouse keepers strike", "Lighthouse keepers began a strike."))
    loop.publish("glass", ("Glass makers celebrate", "Glass makers held a feast in Murano."))
    loop.server.wait(lambda: "updates: 2 due" in loop.bot.logged(), timeout=90)
    loop.server.user_says(chat, ann, "/digest")
    digest = loop.wait_for(chat, "2 updates")
    assert "Lighthouse keepers began a strike." in said(digest)
    assert "Glass makers held a feast in Murano." in said(digest)


def test_follow_mute_why_and_ask(loop: Loop, ann: User) -> None:
    """A story is followed from an answer; its update tells why, is asked about, and muted."""
    chat = loop.server.private_chat(ann)
    answer = loop.say(ann, QUESTION)
    loop.server.user_presses(answer, "Follow")
    followed = answer_to(loop.server, answer)
    assert said(followed).startswith("You follow this story: ")
    loop.say(ann, "/subscribe submarine cable")
    loop.publish(
        "cable", ("Cable is cut", "A submarine cable to Gotland was cut on Sunday, officials said.")
    )
    update = loop.wait_for(chat, "A submarine cable to Gotland was cut")
    loop.server.user_presses(update, "Why?")
    assert "submarine cable" in said(answer_to(loop.server, update))
    loop.server.user_presses(update, "Ask about it")
    prompt = loop.wait_for(chat, "Ask me about: Cable is cut")
    asked = loop.server.user_says(chat, ann, "When was it cut?", reply_to=prompt)
    assert "cut on Sunday" in said(answer_to(loop.server, asked))
    muted = loop.server.user_presses(update, "Mute story")
    shown = loop.server.wait(lambda: muted.answer, timeout=60)
    assert shown["text"] == "Nothing more of this story."


def test_other_outlets_are_named_and_less_like_this_narrows(loop: Loop, ann: User) -> None:
    """Articles of one batch on one story are one update that names the others' outlets."""
    chat = loop.server.private_chat(ann)
    loop.say(ann, "/schedule now")
    loop.say(ann, "/subscribe ferry to Visby")
    ferry = (
        "Ferry to Visby runs aground",
        "The ferry to Visby ran aground off Nynas on Sunday evening with 210 people on board.",
        "Nobody was hurt, and tugs pulled the ferry free before midnight, the coast guard said.",
    )
    title, *paragraphs = ferry
    for name, outlet in (("ferry one", "Lundholm Post"), ("ferry two", "Coast Courier")):
        body = "\n\n".join(paragraphs)
        text = f"---\ntitle: {title}\noutlet: {outlet}\n---\n{body}\n"
        (loop.folder / f"{name}.md").write_text(text)
    admins = loop.server.private_chat(loop.admin)
    told = answer_to(loop.server, loop.server.user_says(admins, loop.admin, "/refresh"))
    assert "2 new" in said(told)
    update = loop.wait_for(chat, "ran aground off Nynas")
    assert "Also reported by 1: " in said(update)
    pressed = loop.server.user_presses(update, "Less like this")
    shown = loop.server.wait(lambda: pressed.answer, timeout=60)
    assert shown["text"] == "Narrower from now on. See /subscriptions."


def test_status_tells_how_the_telling_goes(loop: Loop, ann: User) -> None:
    """In Telegram, on the command line and in the log: to match, due, sent, uncertain, failed."""
    loop.server.wait(lambda: "0 changes" in said(loop.say(ann, "/status")), timeout=90)
    assert " sent, 0 uncertain, 0 failed." in said(loop.say(ann, "/status"))
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "status"],
        cwd=ROOT,
        env={**os.environ, "NEWSBOT_DATA": str(loop.data)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert re.search(r"Updates +\d+ due, \d+ sent, 0 uncertain, 0 failed", shown.stdout)
    assert re.search(r"last read 2.*updates: \d+ due, \d+ sent", loop.bot.logged())


def test_export_restores_elsewhere(loop: Loop, ann: User) -> None:
    """The exported file, sent by someone else, gives them the same subscriptions."""
    loop.say(ann, "/subscribe tidal power")
    asked = loop.server.user_says(loop.server.private_chat(ann), ann, "/export")
    file = loop.server.wait(
        lambda: next((m for m in loop.server.sent(asked.chat) if m.document), None), timeout=60
    )
    content = file.document.content
    assert json.loads(content)["subscriptions"][0]["text"] == "tidal power"
    bob = loop.server.add_user("Bob")
    loop.server.user_starts(bob)
    sent = loop.server.user_sends_document(
        loop.server.private_chat(bob), bob, "newsbot-subscriptions.json", content
    )
    assert said(answer_to(loop.server, sent)) == "Subscriptions restored: 1."
    assert "tidal power" in said(loop.say(bob, "/subscriptions"))
    bad = loop.server.user_sends_document(
        loop.server.private_chat(bob), bob, "other.json", b'{"format": "else"}'
    )
    assert said(answer_to(loop.server, bad)) == "This file holds no subscriptions of mine."


def test_a_group_is_subscribed_by_its_administrators_only(loop: Loop, ann: User) -> None:
    """In a group others are refused; a forum's topic has its own subscriptions."""
    bob = loop.server.add_user("Bob")
    forum = loop.server.add_group("Forum", [ann, bob], forum=True)
    topic = loop.server.create_topic(forum, ann, "Birds")
    asked = loop.server.user_says(forum, bob, "/subscribe storks", thread=topic)
    refused = answer_to(loop.server, asked)
    assert said(refused) == "Only administrators of this chat can do that."
    asked = loop.server.user_says(forum, ann, "/subscribe storks", thread=topic)
    assert "storks" in said(answer_to(loop.server, asked))
    elsewhere = loop.server.user_says(forum, ann, "/subscriptions")
    assert said(answer_to(loop.server, elsewhere)).startswith("Nothing yet.")
    loop.publish("storks", ("Storks return", "Storks returned to the marshes of Lundholm early."))
    update = loop.wait_for(forum, "Storks returned to the marshes")
    assert update.thread_id == topic


def test_a_channel_is_subscribed_by_a_post(loop: Loop, ann: User) -> None:
    """A post in a channel subscribes it, and updates are posted there."""
    channel = loop.server.add_channel("News of Lundholm", ann)
    loop.server.channel_posts(channel, "/subscribe herring")
    loop.wait_for(channel, "You will be told of news on: herring")
    loop.publish("herring", ("Herring is back", "Herring is back in the bay, fishers said."))
    loop.wait_for(channel, "Herring is back in the bay, fishers said.")


def test_the_bot_called_the_server_correctly(loop: Loop) -> None:
    """In all of the above no call had a wrong or unknown parameter, and the pace was kept."""
    assert loop.server.strictness == []
    assert loop.server.audit(slack=0.1).private_per_second <= 1
