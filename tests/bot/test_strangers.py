"""What strangers try: others' buttons, made-up presses, commands that are not theirs, floods.

Calls of a webhook without its secret are in test_webhook.
"""

import time
from collections.abc import Iterator

import pytest

from tests import servable
from tests.bot.process import QUESTION, answer_to, said
from tests.botapi import BotApiServer, CallbackQuery, Message, User

ANSWER = "brokered by Russia"
SLOW_DOWN = "You ask faster than I may answer here. I answer one after the other."
REFUSED = "Only administrators of this chat can do that."
OPML = b"""<opml version="2.0"><head/><body>
<outline text="Evil" type="rss" xmlUrl="https://evil.example/feed.xml"/></body></opml>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotApiServer]:
    """A server with a bot whose only administrator is somebody else."""
    data = servable.with_the_sample(tmp_path_factory.mktemp("strangers") / "data")
    with BotApiServer(privacy_mode=False) as running:
        with servable.serving(running, data, NEWSBOT_ADMINS="[7]"):
            yield running
        assert running.strictness == []


@pytest.fixture
def ann(server: BotApiServer) -> User:
    return server.add_user("Ann")


@pytest.fixture
def eve(server: BotApiServer) -> User:
    return server.add_user("Eve")


def ask(server: BotApiServer, person: User, text: str = QUESTION) -> Message:
    return server.user_says(server.private_chat(person), person, text)


def told(server: BotApiServer, press: CallbackQuery) -> str:
    """What the one who pressed is told; "" if nothing."""
    server.wait(lambda: press.answer, timeout=60)
    assert press.answer is not None
    return str(press.answer.get("text") or "")


def test_another_chat_s_answer_stays_there(server: BotApiServer, ann: User, eve: User) -> None:
    """The buttons of Ann's answer, of her subscription and of her chat, pressed under a message
    of Eve's: refused, and neither chat gets a word or loses one.
    """
    answer = answer_to(server, ask(server, ann))
    listed = answer_to(server, ask(server, ann, "/subscribe ceasefire in Karabakh"))
    hers = answer_to(server, ask(server, eve))
    before = len(server.sent(answer.chat)), len(server.sent(hers.chat))
    for button in (*answer.buttons, *listed.buttons):
        if button.copy_text is not None:
            # A link is meant to be handed on.
            continue
        assert button.data is not None
        assert told(server, server.forge_callback(hers, eve, button.data)) in (
            "This button belongs to another chat.",
            "This answer is no longer kept.",
        ), button.text
    assert (len(server.sent(answer.chat)), len(server.sent(hers.chat))) == before
    still = answer_to(server, ask(server, ann, "/subscriptions"))
    assert "ceasefire in Karabakh" in said(still)


def test_made_up_presses_do_nothing(server: BotApiServer, eve: User) -> None:
    """Data that no button of ours has is answered with that, whatever it holds."""
    hers = answer_to(server, ask(server, eve))
    before = len(server.sent(hers.chat))
    for data in (
        "p:999999999999:0",
        "p:1:-5",
        "p:1:" + "9" * 13,
        "m:1:0x10",
        "f:1:<b>",
        "f:1:maybe",
        "s:r:999999999999",
        "u:w:999999999999",
        "w:f:999999999999",
        "s:z:1",
        "forget ",
        "../../etc/passwd",
        "'; drop table answers; --",
        "\u202e\0",
        "é" * 32,
    ):
        assert told(server, server.forge_callback(hers, eve, data)), data
    assert len(server.sent(hers.chat)) == before
    assert ANSWER in said(answer_to(server, ask(server, eve)))


def test_in_a_group_only_administrators_change_what_is_kept(
    server: BotApiServer, ann: User, eve: User
) -> None:
    """Eve may read what the group was told, but not forget it, set it or end subscriptions."""
    group = server.add_group("Readers", [ann, eve])
    answer = answer_to(server, server.user_says(group, ann, f"/ask {QUESTION}"))
    sure = answer_to(server, server.user_says(group, ann, "/forget"))
    settings = answer_to(server, server.user_says(group, ann, "/settings"))
    followed = answer_to(server, server.user_says(group, ann, "/subscribe ceasefire in Karabakh"))
    shown = said(settings)
    for message, button in (
        (sure, "Delete it"),
        (settings, settings.buttons[0].text),
        (followed, "Remove"),
        (answer, "Follow"),
    ):
        assert told(server, server.user_presses(message, button, eve)) == REFUSED, button
    refused = answer_to(server, server.user_says(group, eve, "/settings Europe/Vienna"))
    assert said(refused) == REFUSED
    assert said(settings) == shown
    server.user_presses(answer, "Passage", eve)
    assert "2  It ended 24 hours of fighting" in said(answer_to(server, answer))


def test_commands_of_those_who_run_it_are_refused_to_others(
    server: BotApiServer, ann: User, eve: User
) -> None:
    """/add, /remove, /refresh and an OPML file from anyone else change nothing, also in groups."""
    chat = server.private_chat(eve)
    group = server.add_group("Readers", [ann, eve])
    sources = said(answer_to(server, ask(server, ann, "/sources")))
    for command in ("/add https://evil.example/", "/remove 1", "/refresh"):
        for place in (chat, group):
            refusal = answer_to(server, server.user_says(place, eve, command))
            assert said(refusal) == "Only those who run me can do that.", command
    file = server.user_sends_document(chat, eve, "feeds.opml", OPML)
    assert said(answer_to(server, file)) == "Only those who run me can do that."
    assert not server.calls("getFile")
    assert said(answer_to(server, ask(server, ann, "/sources"))) == sources


def test_a_flood_is_told_once_and_slows_nobody_else(server: BotApiServer, eve: User) -> None:
    """Fifty questions a second from one chat: told once, answered at Telegram's pace; what
    others ask meanwhile is answered as soon as ever.
    """
    idle = max(_seconds_to_answer(server) for _ in range(3))
    began = time.monotonic()
    for number in range(150):
        time.sleep(max(0.0, began + number / 50 - time.monotonic()))
        ask(server, eve)
    busy = [_seconds_to_answer(server) for _ in range(5)]
    chat = server.private_chat(eve)
    notices = [m for m in server.sent(chat) if m.text == SLOW_DOWN]
    assert len(notices) == 1
    seconds = time.monotonic() - began
    assert len(server.sent(chat)) <= seconds + 2
    assert server.audit(slack=0.05).private_per_second == 1
    # Not nearly the two minutes that the flood will take; the machine may be busy.
    assert max(busy) < 5 * idle + 5, (idle, busy)


def _seconds_to_answer(server: BotApiServer) -> float:
    began = time.monotonic()
    asked = ask(server, server.add_user("Person"))
    assert ANSWER in said(answer_to(server, asked))
    return time.monotonic() - began
