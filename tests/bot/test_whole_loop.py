"""newsbot as a process against a strict Bot API server: what people do, and what they get."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.process import (
    QUESTION,
    Running,
    answer_to,
    pages,
    running,
    said,
    with_the_sample,
)
from tests.botapi import BotApiServer, User


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that follows the sample articles."""
    return with_the_sample(tmp_path_factory.mktemp("loop") / "data")


@pytest.fixture(scope="module")
def server() -> Iterator[BotApiServer]:
    # With privacy mode on, a group's mentions of a bot do not reach it at all.
    with BotApiServer(privacy_mode=False) as running_server:
        yield running_server


@pytest.fixture(scope="module")
def bot(server: BotApiServer, data: Path) -> Iterator[Running]:
    admin = server.add_user("Admin")
    server.user_starts(admin)
    with running(server, data, NEWSBOT_ADMINS=f"[{admin.id}]") as started:
        yield started


@pytest.fixture
def ann(server: BotApiServer) -> User:
    user = server.add_user("Ann")
    server.user_starts(user)
    return user


@pytest.mark.usefixtures("bot")
class TestPrivately:
    """In a private chat."""

    def test_a_question_gets_a_cited_answer(self, server: BotApiServer, ann: User) -> None:
        """The answer is the sentence with outlet, date and paragraph; typing was shown first,
        unless the answer was there before it."""
        chat = server.private_chat(ann)
        server.wait(lambda: server.sent(chat), timeout=60)
        # For a second after the greeting nothing may be sent, and so no "typing".
        time.sleep(1.1)
        began = time.monotonic()
        asked = server.user_says(chat, ann, QUESTION)
        answer = answer_to(server, asked)
        assert "brokered by Russia" in said(answer)
        assert "Newsbot Sample · 21 September 2023 · paragraph 1" in said(answer)
        assert any(e["type"] == "blockquote" for e in answer.entities)
        assert answer.arrived is not None
        assert answer.arrived - began < 1 or server.calls("sendChatAction")

    def test_what_is_not_in_the_sources_is_said(self, server: BotApiServer, ann: User) -> None:
        """A question that the sources do not answer is declined with what they cover."""
        asked = server.user_says(server.private_chat(ann), ann, "Who won the election in Peru?")
        answer = answer_to(server, asked)
        assert said(answer).startswith("Not in my sources.")
        assert "My sources cover 12 articles, 6 February 2023 to 7 December 2024." in said(answer)
        assert not answer.buttons

    def test_passage_more_and_verdict(self, server: BotApiServer, ann: User) -> None:
        """The buttons show the paragraph with neighbours, further passages, and keep a verdict."""
        asked = server.user_says(server.private_chat(ann), ann, QUESTION)
        answer = answer_to(server, asked)
        pressed = server.user_presses(answer, "Passage")
        passage = answer_to(server, answer)
        assert said(passage).startswith("Armenians of Nagorno-Karabakh say")
        assert "2  It ended 24 hours of fighting" in said(passage)
        assert server.wait(lambda: pressed.answer)
        server.user_presses(answer, "More")
        more = answer_to(server, answer, nth=1)
        assert said(more).startswith("More passages")
        verdict = server.user_presses(answer, "Right")
        shown = server.wait(lambda: verdict.answer, timeout=30)
        assert shown["text"] == "Thank you, noted."

    def test_an_edited_question_edits_its_answer(self, server: BotApiServer, ann: User) -> None:
        """The answer's message changes; no second one comes."""
        chat = server.private_chat(ann)
        asked = server.user_says(chat, ann, QUESTION)
        answer = answer_to(server, asked)
        count = len(server.sent(chat))
        server.user_edits(asked, "Who lit the Olympic cauldron?")
        server.wait(lambda: "Teddy Riner" in said(answer), timeout=60)
        assert len(server.sent(chat)) == count

    def test_a_follow_up_is_read_from_the_last_answer(
        self, server: BotApiServer, ann: User
    ) -> None:
        """A question that points back is answered about the same, and says how it was read."""
        chat = server.private_chat(ann)
        answer_to(server, server.user_says(chat, ann, QUESTION))
        answer = answer_to(server, server.user_says(chat, ann, "and when did it take effect?"))
        assert said(answer).startswith("I read this as: When did the ceasefire take effect?")
        assert "13:00 local time on 20 September 2023" in said(answer)

    def test_commands_answer(self, server: BotApiServer, ann: User) -> None:
        """Each command answers with what it promises."""
        chat = server.private_chat(ann)
        expected = {
            "/help": "Write a question",
            "/latest": "Notre-Dame opens its doors",
            "/sources": "sample",
            "/status": "12 articles from 1 source.",
            "/settings": "Time zone: UTC",
            "/settings Europe/Vienna": "The time zone is now Europe/Vienna.",
            "/settings Mars/Base": "There is no time zone Mars/Base.",
            "/ask": "Ask like this",
            "/ask Who lit the Olympic cauldron?": "Teddy Riner",
        }
        for command, words in expected.items():
            assert words in said(answer_to(server, server.user_says(chat, ann, command))), command

    def test_forget_deletes_after_a_confirmation(self, server: BotApiServer, ann: User) -> None:
        """Nothing is deleted before the confirmation; afterwards old buttons find nothing."""
        chat = server.private_chat(ann)
        answer = answer_to(server, server.user_says(chat, ann, QUESTION))
        question = answer_to(server, server.user_says(chat, ann, "/forget"))
        server.user_presses(question, "Delete it")
        server.wait(lambda: said(question) == "Everything about this chat is deleted.", timeout=30)
        pressed = server.user_presses(answer, "Passage")
        shown = server.wait(lambda: pressed.answer, timeout=30)
        assert shown["text"] == "This answer is no longer kept."


@pytest.mark.usefixtures("bot")
class TestTogether:
    """In groups, forums and inline."""

    def test_a_group_is_answered_only_when_meant(self, server: BotApiServer, ann: User) -> None:
        """A mention, a reply and /ask are answered; other talk is not."""
        group = server.add_group("Readers", [ann])
        server.user_says(group, ann, "what a day")
        name = server.bot.username
        mention = server.user_says(group, ann, f"@{name} {QUESTION}")
        answer = answer_to(server, mention)
        assert "brokered by Russia" in said(answer)
        follow = server.user_says(group, ann, "when did it take effect?", reply_to=answer)
        assert "13:00 local time" in said(answer_to(server, follow))
        asked = server.user_says(group, ann, f"/ask@{name} Who lit the Olympic cauldron?")
        assert "Teddy Riner" in said(answer_to(server, asked))
        assert len(server.sent(group)) == 3

    def test_an_answer_stays_in_its_topic(self, server: BotApiServer, ann: User) -> None:
        """In a forum the answer goes to the topic where it was asked."""
        forum = server.add_group("Forum", [ann], forum=True)
        topic = server.create_topic(forum, ann, "Caucasus")
        asked = server.user_says(forum, ann, f"/ask {QUESTION}", thread=topic)
        assert answer_to(server, asked).thread_id == topic

    def test_inline_answers_to_insert(self, server: BotApiServer, ann: User) -> None:
        """A question after the bot's name gets cited answers."""
        query = server.user_asks_inline(ann, QUESTION)
        results = server.wait(lambda: query.results, timeout=60)
        assert 1 <= len(results) <= 5
        assert "brokered by Russia" in results[0]["message"].text
        assert "[1]" in results[0]["message"].text


@pytest.mark.usefixtures("bot")
class TestStrangers:
    """What others may not do."""

    def test_only_administrators_change_the_sources(self, server: BotApiServer, ann: User) -> None:
        """/add, /remove and /refresh from anyone else are refused."""
        chat = server.private_chat(ann)
        for command in ("/add https://example.org/", "/remove 1", "/refresh"):
            refusal = answer_to(server, server.user_says(chat, ann, command))
            assert said(refusal) == "Only those who run me can do that.", command

    def test_foreign_and_forged_buttons_do_nothing(self, server: BotApiServer, ann: User) -> None:
        """A number of another chat's answer and made-up data show nothing of anyone."""
        answer = answer_to(server, server.user_says(server.private_chat(ann), ann, QUESTION))
        secret = next(b.data for b in answer.buttons if b.text == "Passage")
        eve = server.add_user("Eve")
        server.user_starts(eve)
        hers = answer_to(server, server.user_says(server.private_chat(eve), eve, QUESTION))
        before = len(server.sent(hers.chat))
        for data in (secret, "p:999999:0", "m:1:-5", "nonsense", "f:1:<b>"):
            forged = server.forge_callback(hers, eve, data)
            server.wait(lambda forged=forged: forged.answer, timeout=30)
        assert len(server.sent(hers.chat)) == before


@pytest.mark.usefixtures("bot")
def test_an_administrator_adds_and_removes_a_page(server: BotApiServer) -> None:
    """/add reads a page at once, its news answers questions, and /remove takes it away."""
    admin = next(u for u in server.world.users.values() if u.first_name == "Admin")
    chat = server.private_chat(admin)
    wrong = answer_to(server, server.user_says(chat, admin, "/add ftp://example.org/x"))
    assert "newsbot fetches http and https" in said(wrong)
    with pages() as url:
        added = answer_to(server, server.user_says(chat, admin, f"/add {url}/story"))
        assert "1 new" in said(added)
    answer = answer_to(
        server, server.user_says(chat, admin, "How many years did the Lundholm bridge take?")
    )
    assert "nine years of work" in said(answer)
    sources = answer_to(server, server.user_says(chat, admin, "/sources"))
    number = next(line.split()[0] for line in said(sources).splitlines() if "Lundholm" in line)
    removed = answer_to(server, server.user_says(chat, admin, f"/remove {number}"))
    assert "and 1 article." in said(removed)


def test_the_bot_called_the_server_correctly(server: BotApiServer) -> None:
    """In all of the above no call had a wrong or unknown parameter."""
    assert server.calls("sendMessage")
    assert server.strictness == []
