"""The same application on a terminal instead of a network: newsbot chat.

python-telegram-bot reaches its network through one class. This one stands in its place:
what the bot sends is printed, what is typed becomes an update, a number presses a button.
"""

import asyncio
import codecs
import json
import os
import re
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text
from telegram.request import BaseRequest, RequestData

from bot.characters import units
from bot.hypertext import Part, read_html, readable

TOKEN = "1:terminal"
_USER = {"id": 1, "is_bot": False, "first_name": "You"}
_CHAT = {"id": 1, "type": "private", "first_name": "You"}
_BOT = {
    "id": 2,
    "is_bot": True,
    "first_name": "newsbot",
    "username": "newsbot",
    "can_join_groups": False,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}

Json = dict[str, Any]

# Longer lines are hard to read, however wide the window is.
_WIDEST = 96
# What keys that move a cursor leave in a line.
_KEYS = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?|[\x00-\x08\x0b-\x1f\x7f]")
_COMMAND = re.compile(r"/\w{1,32}(?:@\w+)?(?=\s|$)")


class Terminal(BaseRequest):
    """Telegram, played by a terminal with one user in one private chat."""

    def __init__(self, console: Console, stdin: int = 0) -> None:
        """``stdin`` is the file descriptor that is typed to."""
        self._console = console
        self._stdin = _unblocking(stdin)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""
        self._updates: asyncio.Queue[Json] = asyncio.Queue()
        self._taken = asyncio.Event()
        # Distinct from the numbers of earlier conversations in the same data folder.
        self._number = int(time.time() * 10)
        self._messages: dict[int, Json] = {}
        # Numbers are given once, so that older messages' buttons can be pressed as well.
        self._buttons: dict[int, tuple[Json, Json]] = {}
        self._last_button = 0
        self._heard = True
        self._prompting = False

    # What a person does

    async def read(self, read_line: Callable[[], str]) -> str:
        """The next line that is typed. Raises EOFError at the end.

        Nothing but this waits for it, so that Ctrl-C ends the wait as well. ``read_line``
        takes its place where the input cannot be watched, as that from a file.
        """
        if not self._heard:
            self.say("newsbot has no answer to that. /help says what it can do.")
        try:
            line = _KEYS.sub("", await self._line(read_line))
        except (EOFError, asyncio.CancelledError):
            # What comes next, as the prompt of a shell, begins a line.
            self._console.print()
            raise
        if not os.isatty(self._stdin):
            # Nobody sees what a pipe says; a conversation should read as one.
            self._console.print(Text(line))
        return line

    async def _line(self, read_line: Callable[[], str]) -> str:
        typing, loop = asyncio.Event(), asyncio.get_running_loop()
        try:
            loop.add_reader(self._stdin, typing.set)
        except (NotImplementedError, PermissionError):
            # On Windows, and where the input is a file: it cannot be watched, only read.
            return await asyncio.to_thread(read_line)
        self._console.print("> ", end="")
        self._prompting = True
        try:
            while "\n" not in self._typed:
                await typing.wait()
                typing.clear()
                try:
                    more = os.read(self._stdin, 65_536)
                except BlockingIOError:
                    continue
                self._typed += self._decoder.decode(more)
                if not more:
                    break
        finally:
            self._prompting = False
            loop.remove_reader(self._stdin)
        if not self._typed:
            raise EOFError
        line, _, self._typed = self._typed.partition("\n")
        return line

    async def type(self, line: str) -> None:
        """Take a line, the number of a button or a text, until the bot has received it."""
        self._heard = False
        self._update(line)
        if not self._updates.empty():
            self._taken.clear()
            await self._taken.wait()

    def _update(self, line: str) -> None:
        if line.isdecimal() and self._buttons:
            self._press(int(line))
            return
        message = self._message(_USER, {"text": line})
        command = _COMMAND.match(line)
        if command:
            length = units(command[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._tell("message", message)

    def _press(self, number: int) -> None:
        if number not in self._buttons:
            self.say(f"There is no button {number}. The last one is {max(self._buttons)}.")
            return
        message, button = self._buttons[number]
        self._tell(
            "callback_query",
            {
                "id": str(self._next()),
                "from": _USER,
                "chat_instance": "1",
                "message": message,
                "data": button["callback_data"],
            },
        )

    def say(self, text: str) -> None:
        """A word of the terminal's own."""
        self._heard = True
        self._console.print(Text(f"  {text}\n", style="italic"))

    def _tell(self, kind: str, content: Json) -> None:
        self._updates.put_nowait({"update_id": self._next(), kind: content})

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _message(self, sender: Json, content: Json) -> Json:
        message = {
            "message_id": self._next(),
            "date": int(time.time()),
            "chat": _CHAT,
            "from": sender,
            **content,
        }
        self._messages[message["message_id"]] = message
        return message

    # What the library asks of its network

    @property
    def read_timeout(self) -> float | None:
        """A terminal has no time-out."""
        return None

    async def initialize(self) -> None:
        """Nothing is to be opened."""

    async def shutdown(self) -> None:
        """Nothing is to be closed."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Carry out one Bot API call; what the terminal has no place for just succeeds."""
        sent = request_data.parameters if request_data is not None else {}
        known: dict[str, Callable[[Json], Any]] = {
            "getMe": lambda _: _BOT,
            "sendMessage": self._send,
            "editMessageText": self._edit,
            "answerCallbackQuery": self._answer,
        }
        name = url.rsplit("/", 1)[1]
        if name == "getUpdates":
            # Asking again says that what was given before is safe.
            if self._updates.empty():
                self._taken.set()
            result: Any = [await self._updates.get()]
        else:
            act = known.get(name)
            result = True if act is None else act(sent)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _send(self, sent: Json) -> Json:
        shown = self._message(_BOT, self._content(sent))
        self._show(shown, sent, "newsbot")
        return shown

    def _edit(self, sent: Json) -> Json:
        message = self._messages.get(int(sent["message_id"])) or self._message(_BOT, {})
        message.pop("reply_markup", None)
        message.update(self._content(sent))
        self._show(message, sent, "newsbot, edited")
        return message

    def _answer(self, sent: Json) -> bool:
        self._heard = True
        if sent.get("text"):
            self.say(str(sent["text"]))
        return True

    def _content(self, sent: Json) -> Json:
        content: Json = {"text": "".join(part.text.plain for part in _parts(sent))}
        markup = sent.get("reply_markup")
        if markup:
            content["reply_markup"] = json.loads(markup) if isinstance(markup, str) else markup
        return content

    def _show(self, message: Json, sent: Json, title: str) -> None:
        self._heard = True
        if self._prompting:
            # An update, which nobody asked for: the prompt comes again after it.
            self._console.print()
        width = min(self._console.width, _WIDEST)
        self._console.print(Text(title, style="bold cyan"))
        body = readable(_parts(sent), addresses=not self._console.is_terminal)
        self._console.print(body, width=width, highlight=False)
        numbered = self._numbered(message)
        if numbered:
            line = Text("\n ")
            for number, label in numbered:
                line.append(" ").append(f" {number} ", style="reverse").append(f" {label}  ")
            line.rstrip()
            self._console.print(line)
        self._console.print()
        if self._prompting:
            self._console.print("> ", end="")

    def _numbered(self, message: Json) -> list[tuple[int, str]]:
        """A message's buttons with their numbers; an edited one's keep theirs."""
        numbers = [n for n, (of, _) in self._buttons.items() if of is message]
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        for number in numbers:
            del self._buttons[number]
        while len(numbers) < len(buttons):
            self._last_button += 1
            numbers.append(self._last_button)
        numbered = list(zip(numbers, buttons, strict=False))
        self._buttons |= {number: (message, button) for number, button in numbered}
        return [(number, button["text"]) for number, button in numbered]


def _parts(sent: Json) -> list[Part]:
    text = str(sent["text"])
    return read_html(text) if sent.get("parse_mode") == "HTML" else [Part(Text(text))]


def _unblocking(stdin: int) -> int:
    """The descriptor, or if it is a terminal's, another one that never blocks.

    Ctrl-C empties a terminal's input: what was there to read a moment ago may be gone, and
    reading it would wait for ever. The descriptor itself is shared with the shell.
    """
    if not os.isatty(stdin):
        return stdin
    try:
        return os.open(os.ttyname(stdin), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return stdin
