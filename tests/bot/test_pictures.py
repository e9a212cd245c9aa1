"""What a person sees, as pictures to look at: NEWSBOT_ARTEFACTS names the folder for them."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from bot import messages
from bot.answers import Answer, Outcome
from tests.bot import written
from tests.bot.pictures import Bubble, browser, draw
from tests.bot.process import QUESTION, answer_to, running, with_the_sample
from tests.bot.rendered import shown
from tests.botapi import BotApiServer, Message

ARTEFACTS = os.environ.get("NEWSBOT_ARTEFACTS")

pytestmark = [
    pytest.mark.skipif(not ARTEFACTS, reason="NEWSBOT_ARTEFACTS does not name a folder"),
    pytest.mark.skipif(not browser(), reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def folder() -> Path:
    made = Path(str(ARTEFACTS)).absolute()
    made.mkdir(parents=True, exist_ok=True)
    return made


def bubble(message: Message) -> Bubble:
    rows = (message.markup or {}).get("inline_keyboard", [])
    labels = [[button["text"] for button in row] for row in rows]
    return Bubble(message.text or "", message.entities, labels)


def bubbles(made: Iterable[messages.Message]) -> list[Bubble]:
    found = []
    for message in made:
        parsed = shown(message)
        rows = [[button.label for button in row] for row in message.buttons]
        found.append(Bubble(parsed.text, parsed.entities, rows))
    return found


def drawn(chat: Iterable[Bubble], folder: Path, name: str, *, dark: bool = False) -> None:
    """Draw a chat; that there is a picture of some size is all that a machine can see."""
    png = folder / f"{name}.png"
    draw(chat, png, dark=dark)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert png.stat().st_size > 5_000


def test_a_conversation(folder: Path, tmp_path: Path) -> None:
    """A conversation with the running bot: each kind of message that it answers with."""
    with BotApiServer() as server:
        ann = server.add_user("Ann")
        server.user_starts(ann)
        chat = server.private_chat(ann)

        def ask(text: str) -> tuple[Bubble, Message]:
            asked = server.user_says(chat, ann, text)
            return Bubble(text, asked=True), answer_to(server, asked)

        data = with_the_sample(tmp_path / "data")
        with running(server, data):
            question, answer = ask(QUESTION)
            before = bubble(answer)
            server.user_presses(answer, "Passage")
            passage = answer_to(server, answer)
            server.user_presses(answer, "More")
            more = answer_to(server, answer, nth=1)
            drawn([question, before], folder, "answered")
            drawn([question, before], folder, "answered-dark", dark=True)
            drawn([bubble(passage)], folder, "passage")
            drawn([bubble(more)], folder, "more")
            for name, text in {
                "follow-up": "and when did it take effect?",
                "closest": "Who signed the ceasefire for Azerbaijan?",
                "not-in-my-sources": "Who won the election in Peru?",
                "two-sources": "How strong was it and how many people worked on Notre-Dame?",
                "start": "/start",
                "help": "/help",
                "settings": "/settings",
                "sources": "/sources",
                "status": "/status",
                "latest": "/latest",
                "forget": "/forget",
            }.items():
                question, reply = ask(text)
                drawn([question, bubble(reply)], folder, name)


def difficult() -> dict[str, Answer]:
    """Answers with what is hard to show."""
    long = (
        "The ethnic Armenian authorities agreed to disband their forces and to hand over their"
        " weapons, and said that Azerbaijan's troops had fired on their positions <again> after"
        " the ceasefire, which the defence ministry in Baku denied as “disinformation & lies”."
    )
    of = [
        written.article(1, "Fresh gunfire reported in Karabakh despite truce", "BBC"),
        written.article(2, "قالت روسيا إن الهدنة صمدت في كاراباخ", "الجزيرة"),
        written.article(3, "מוסקבה: הפסקת האש (2023) נשמרת", "הארץ", None, None),
        written.article(4, "停火协议生效 🕊️👩‍👩‍👧‍👦 *not bold* <b>", None),
    ]
    said = [
        written.claim(long, of[0], 5),
        written.claim("We strongly deny this disseminated information.", of[0], 9),
        written.claim("قالت وزارة الدفاع الروسية (في موسكو) إن الهدنة صمدت [تقريبا].", of[1], 2),
        written.claim("ההסכם הושג בתיווך Russia ב-20 בספטמבר 2023.", of[2], 1),
        written.claim("停火协议由俄罗斯斡旋，于2023年9月20日下午1点生效。", of[3], 3),
    ]
    return {
        "scripts": written.answer(*said),
        "span": written.answer(*said[:2], short="disband their forces"),
        "closest-of-two": written.answer(*said[1:3], outcome=Outcome.CLOSEST),
        "spoof": written.answer(
            written.claim("He said \u202e.on did I \u2067that\u2069\u2069 [2] and left.", of[0])
        ),
        "nothing": replace(written.answer(outcome=Outcome.NOT_IN_SOURCES)),
    }


@pytest.mark.parametrize("name", difficult())
def test_a_difficult_answer(folder: Path, name: str) -> None:
    """Other scripts, long quotes, what looks like markup, and what would mislead."""
    note = "I read this as: and who denied it? (Karabakh, Azerbaijan)"
    made = messages.answer_messages(difficult()[name], 1, notes=[note] if name == "span" else [])
    drawn(bubbles(made), folder, f"difficult-{name}")
