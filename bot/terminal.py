"""The same application on a terminal instead of a network: newsbot chat.

python-telegram-bot reaches its network through one class. This one stands in its place:
what the bot sends is printed, what is typed becomes an update, a number presses a button.
"""

import asyncio
import json
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.style import Style
from rich.text import Text
from telegram.request import BaseRequest, RequestData

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


class Terminal(BaseRequest):
    """Telegram, played by a terminal with one user in one private chat."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._updates: asyncio.Queue[Json] = asyncio.Queue()
        # Distinct from the numbers of earlier conversations in the same data folder.
        self._number = int(time.time() * 10)
        self._messages: dict[int, Json] = {}
        self._pressable: list[tuple[Json, Json]] = []

    # What a person does

    def type(self, line: str) -> bool:
        """Take a line: the number of a button, or a text. False for a button there is not."""
        if line.isdecimal() and self._pressable:
            if not 1 <= int(line) <= len(self._pressable):
                return False
            message, button = self._pressable[int(line) - 1]
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
            return True
        message = self._message(_USER, {"text": line})
        if line.startswith("/"):
            length = len(line.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._tell("message", message)
        return True

    def say(self, text: str) -> None:
        """A word of the terminal's own."""
        self._console.print(Text(f"· {text}", style="italic"))

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
            result: Any = [await self._updates.get()]
        else:
            act = known.get(name)
            result = True if act is None else act(sent)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _send(self, sent: Json) -> Json:
        shown = self._message(_BOT, self._content(sent))
        self._show(shown, str(sent["text"]), "")
        return shown

    def _edit(self, sent: Json) -> Json:
        message = self._messages.get(int(sent["message_id"])) or self._message(_BOT, {})
        message.pop("reply_markup", None)
        message.update(self._content(sent))
        self._show(message, str(sent["text"]), " (edited)")
        return message

    def _answer(self, sent: Json) -> bool:
        if sent.get("text"):
            self.say(str(sent["text"]))
        return True

    def _content(self, sent: Json) -> Json:
        content: Json = {"text": to_rich(str(sent["text"])).plain}
        markup = sent.get("reply_markup")
        if markup:
            content["reply_markup"] = json.loads(markup) if isinstance(markup, str) else markup
        return content

    def _show(self, message: Json, html: str, note: str) -> None:
        self._console.print(
            Panel(to_rich(html), title=f"newsbot{note}", title_align="left", padding=(0, 1))
        )
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if buttons:
            self._pressable = [(message, button) for button in buttons]
            line = Text()
            for number, button in enumerate(buttons, start=1):
                line.append(f" {number} ", style="reverse")
                line.append(f" {button['text']}   ")
            self._console.print(Padding(line, (0, 0, 1, 1)))


_STYLES = {"b": Style(bold=True), "i": Style(italic=True)}


class _Html(HTMLParser):
    """Telegram's HTML as styled text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = Text()
        self._open: list[Style] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href")
        style = Style(link=link, underline=True) if link else _STYLES.get(tag, Style())
        self._open.append(style)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        style = Style.combine(self._open) if self._open else Style()
        self.text.append(data, style)


def to_rich(html: str) -> Text:
    """Telegram's HTML as text for a terminal."""
    parser = _Html()
    parser.feed(html)
    parser.close()
    return parser.text
