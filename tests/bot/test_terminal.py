"""newsbot chat on a real terminal, as a process and in parts: what a person types and sees."""

import asyncio
import fcntl
import io
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from telegram.request import RequestData

from bot import messages
from bot.hypertext import read_html, readable
from bot.terminal import Terminal
from index import News
from tests import servable
from tests.bot import written
from tests.fakes import StandInEmbedder

ROOT = Path(__file__).parents[2]
QUESTION = "who brokered the ceasefire?"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\")


# newsbot chat but for bringing up the index, which takes most of its start.
WITHOUT_MODEL = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from rich.console import Console
from bot.chats import Chats
from bot.serving import chat
from bot.settings import Settings
from bot.terminal import Terminal
from index import News
data = Path(sys.argv[1])
data.mkdir(exist_ok=True)
chats = Chats(f"sqlite:///{data / 'terminal.db'}")
terminal = Terminal(Console())
asyncio.run(chat(Settings(), News(data), chats, lambda: datetime.now(UTC), terminal, input))
"""


class Window:
    """A program in a terminal of 80 by 40 characters."""

    def __init__(self, data: Path, *program: str) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env={**os.environ, "NEWSBOT_DATA": str(data), "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            # Its controlling terminal, as otherwise Ctrl-C would reach nobody.
            preexec_fn=lambda: os.login_tty(0),
        )
        os.close(slave)
        self.output = ""

    def until(self, ending: str, timeout: float = 120) -> str:
        """What is shown, without styles, until it ends like this."""
        shown, deadline = b"", time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                more = os.read(self.master, 65_536)
            except OSError:
                more = b""
            shown += more
            text = _ESCAPES.sub("", shown.decode(errors="replace"))
            text = text.replace("\r\n", "\n").replace("\u00a0", " ")
            if text.endswith(ending) or not more:
                self.output += text
                return text
        pytest.fail(f"not shown in time: {ending!r}\n{shown.decode(errors='replace')}")

    def types(self, line: str) -> str:
        """What is shown from here to the next prompt."""
        os.write(self.master, f"{line}\n".encode())
        return self.until("\n> ")

    def number(self, label: str) -> str:
        """The number of the last button that has this label."""
        return re.findall(rf"(\d+)  {label}", self.output)[-1]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def window(data: Path) -> Iterator[Window]:
    """A conversation in which a first question was asked and answered."""
    opened = Window(data, "-m", "bot", "chat")
    opened.until("\n> ")
    opened.types(QUESTION)
    yield opened
    opened.close()


def test_a_question_is_answered_with_numbered_buttons(window: Window) -> None:
    """The answer stands in the window as a quotation with its source and its buttons."""
    assert "Ask a question; press a button by its number; end with Ctrl-D." in window.output
    assert "  ▌ ❝ The ceasefire in Nagorno-Karabakh, which was brokered by Russia" in window.output
    assert "[1] Armenians of Nagorno-Karabakh" in window.output
    assert re.search(r"1  Passage +2  More .*\d  Right +\d  Wrong\n", window.output)
    assert "Traceback" not in window.output


def test_a_button_is_pressed_by_its_number(window: Window) -> None:
    """A number shows what its button promises, also after another message had buttons."""
    right = window.number("Right")
    assert "2  It ended 24 hours of fighting" in window.types(window.number("Passage"))
    assert "More passages" in window.types(window.number("More"))
    assert int(window.number("More")) > int(right)
    assert "Thank you, noted." in window.types(right)


def test_a_number_without_a_button_is_told(window: Window) -> None:
    """Numbers that no button has are said to have none, and nothing else happens."""
    for number in ("0", "99", "9" * 300):
        assert f"There is no button {number}" in window.types(number).replace("\n", "")


def test_what_has_no_answer_is_told(window: Window) -> None:
    """An unknown command is not met with silence; an empty line is no question."""
    assert "newsbot has no answer to that. /help says" in window.types("/nonsense")
    assert window.types("").strip() == ">"


def test_wide_and_right_to_left_characters(window: Window) -> None:
    """Any script and the keys that move a cursor are read, and no line is too wide."""
    shown = window.types("\x1b[A漢字 😀 שלום e\u0301?")
    assert "newsbot\n" in shown
    assert "\ufffd" not in shown
    assert "Traceback" not in window.output


def test_settings_change_in_place(window: Window) -> None:
    """The message that a press edits is shown anew, its button under the same number."""
    window.types("/settings")
    number = window.number("Link previews: off")
    edited = window.types(number)
    assert "newsbot, edited" in edited
    assert re.search(rf"{number}  Link previews: on", edited)


def test_ctrl_c_ends_a_question_in_hand(window: Window) -> None:
    """At Ctrl-C while a question is being answered it ends soon, with 0 and no error."""
    os.write(window.master, f"{QUESTION}\n".encode())
    window.until(f"{QUESTION}\n")
    os.write(window.master, b"\x03")
    left = window.until("nothing more")
    assert window.process.wait(timeout=60) == 0
    assert "Traceback" not in left
    assert "RuntimeError" not in left


def test_either_key_ends_the_conversation_at_the_prompt(tmp_path: Path) -> None:
    """While it waits for a line, Ctrl-C and Ctrl-D end it, with 0 and the next line begun."""
    keys = {b"\x03": tmp_path / "c", b"\x04": tmp_path / "d"}
    windows = {key: Window(data, "-c", WITHOUT_MODEL, str(data)) for key, data in keys.items()}
    for key, window in windows.items():
        window.until("> ")
        os.write(window.master, key)
        left = window.until("nothing more")
        assert left.removeprefix("^C") == "\n"
        assert window.process.wait(timeout=60) == 0
        window.close()


def test_updates_come_while_it_waits_for_a_line(tmp_path: Path) -> None:
    """What a subscription matches is shown at the prompt, with buttons that can be pressed, and
    the prompt comes again.
    """
    data = servable.with_the_sample(tmp_path / "data")
    program = WITHOUT_MODEL.replace("News(data)", "news").replace(
        "terminal = ",
        "from tests.fakes import StandInEmbedder\n"
        "news = News(data, embedder=StandInEmbedder())\nnews.bring_up()\nterminal = ",
    )
    window = Window(data, "-c", program, str(data))
    window.until("> ")
    # So that it has come to the newest article before there is a newer one.
    assert "brokered by Russia" in window.types(QUESTION)
    window.types('/subscribe "harbour bridge"')
    page = tmp_path / "story.md"
    page.write_text("---\ntitle: Bridge opens\noutlet: Post\n---\nThe harbour bridge is open.\n")
    time.sleep(3)
    news = News(data, embedder=StandInEmbedder())
    asyncio.run(news.add([str(page)]))
    news.close()
    update = window.until("\n> ")
    assert "Bridge opens" in update and "The harbour bridge is open." in update
    assert "harbour bridge" in window.types(window.number("Why\\?"))
    os.write(window.master, b"\x04")
    window.until("nothing more")
    assert window.process.wait(timeout=60) == 0
    window.close()


def test_a_conversation_through_pipes(tmp_path: Path) -> None:
    """What comes through a pipe is answered in order and echoed; at its end it ends with 0."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MODEL, str(tmp_path)],
        input=b"/help\n/nonsense\n\n/settings\n/settings \xff\n7",
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        timeout=120,
    )
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert said.startswith("> /help\nnewsbot\n  Write a question")
    assert "> /nonsense\n  newsbot has no answer to that." in said
    assert "> \n> /settings\nnewsbot\n  Settings of this chat\n" in said
    assert "There is no time zone \ufffd." in said
    assert said.endswith("> 7\n  There is no button 7. The last one is 1.\n\n> \n")
    assert all(line == line.rstrip() for line in said.splitlines() if not line.startswith(">"))


# Its parts, without a process


def terminal_on(master_slave: tuple[int, int]) -> tuple[Terminal, io.StringIO]:
    shown = io.StringIO()
    return Terminal(Console(file=shown, width=60), master_slave[1]), shown


def never() -> str:
    raise AssertionError("the terminal can be watched")


@pytest.fixture
def pty() -> Iterator[tuple[int, int]]:
    pair = os.openpty()
    yield pair
    for end in pair:
        os.close(end)


async def test_ctrl_d_is_the_end(pty: tuple[int, int]) -> None:
    """Ctrl-D ends the input; what was typed before it in full lines is read first."""
    terminal, _ = terminal_on(pty)
    os.write(pty[0], "wer? 😀\n\x04".encode())
    assert await terminal.read(never) == "wer? 😀"
    with pytest.raises(EOFError):
        await terminal.read(never)


async def test_waiting_for_a_line_can_be_ended(pty: tuple[int, int]) -> None:
    """A wait that is cancelled is over at once and leaves what is typed later to the next."""
    terminal, shown = terminal_on(pty)
    waiting = asyncio.create_task(terminal.read(never))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert shown.getvalue() == "> \n"
    os.write(pty[0], b"later\n")
    assert await terminal.read(never) == "later"


async def test_what_ctrl_c_took_away_is_not_waited_for(pty: tuple[int, int]) -> None:
    """A line that is gone from the terminal when it is read leaves the conversation alive."""
    terminal, _ = terminal_on(pty)
    waiting = asyncio.create_task(terminal.read(never))
    await asyncio.sleep(0.05)
    os.write(pty[0], b"who?\n")
    # Once around, the loop sees that there is something to read; before it is read, it is gone.
    select.select([pty[1]], [], [], 10)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    termios.tcflush(pty[1], termios.TCIFLUSH)
    await asyncio.sleep(0.05)
    os.write(pty[0], b"what?\n")
    assert await asyncio.wait_for(waiting, 10) == "what?"


async def test_a_file_is_read_by_other_means(tmp_path: Path) -> None:
    """Input that cannot be watched is read line by line by the function that is given."""
    file = tmp_path / "questions.txt"
    file.write_text("who?\n")
    with file.open() as questions:
        terminal, shown = terminal_on((0, questions.fileno()))
        assert await terminal.read(lambda: questions.readline().strip()) == "who?"
    assert shown.getvalue() == "who?\n"


async def sends(terminal: Terminal, method: str, **parameters: object) -> None:
    class Data(RequestData):
        def __init__(self) -> None:
            super().__init__()

        @property
        def parameters(self) -> dict[str, object]:
            return parameters

    status, _ = await terminal.do_request(f"http://x/{method}", "POST", Data())
    assert status == 200


async def test_plain_text_is_shown_as_it_is(pty: tuple[int, int]) -> None:
    """A message without markup shows its < and & as they are."""
    terminal, shown = terminal_on(pty)
    await sends(terminal, "sendMessage", text="a <b>c</b> &amp; d", parse_mode=None)
    await sends(terminal, "sendMessage", text="a <b>c</b> &amp; d", parse_mode="HTML")
    assert shown.getvalue() == "newsbot\n  a <b>c</b> &amp; d\n\nnewsbot\n  a c & d\n\n"


async def test_buttons_go_with_their_message(pty: tuple[int, int]) -> None:
    """An edit that takes the buttons away takes their numbers away."""
    terminal, shown = terminal_on(pty)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await sends(terminal, "sendMessage", text="Sure?", reply_markup=markup)
    [message] = terminal._messages
    await sends(terminal, "editMessageText", text="Done.", message_id=message)
    await sends(terminal, "sendMessage", text="Sure?", reply_markup=markup)
    await terminal.type("1")
    assert "There is no button 1. The last one is 2." in shown.getvalue()


def test_links_are_written_out_where_none_can_be_pressed() -> None:
    """Outside a terminal each source's address stands below it, and no line is cut off."""
    first, second = written.article(1), written.article(2, url="https://example.org/y")
    made = written.answer(written.claim("He said so.", first), written.claim("She did.", second))
    [message] = messages.answer_messages(made, 1)
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    console.print(readable(read_html(message.html), addresses=True))
    assert shown.getvalue().splitlines()[-5:] == [
        "  [1] Truce broken · BBC · 31 May 2024 · paragraph 1",
        "  https://example.org/x#:~:text=He%20said%20so.",
        "",
        "  [2] Truce broken · BBC · 31 May 2024 · paragraph 1",
        "  https://example.org/y#:~:text=She%20did.",
    ]


def test_no_line_is_wider_than_the_window() -> None:
    """Quotations in any script keep to the width, each line behind its bar."""
    for text in ("漢字" * 60, "👩‍👩‍👧‍👦 " * 40, "قالت روسيا إن الهدنة صمدت " * 9, "x" * 200):
        made = written.answer(written.claim(text.strip(), written.article(1)))
        [message] = messages.answer_messages(made, 1)
        shown = io.StringIO()
        console = Console(file=shown, width=40)
        console.print(readable(read_html(message.html), addresses=False))
        quotation = [line for line in shown.getvalue().splitlines() if "▌" in line]
        assert len(quotation) > 3
        assert all(console.measure(line).maximum <= 40 for line in quotation)
        assert all(line.startswith("  ▌ ") for line in quotation)
