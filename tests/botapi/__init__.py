"""A Telegram of one's own: a strict Bot API server on loopback for one bot under test.

    async with BotApiServer() as server:
        ann = server.add_user("Ann")
        server.user_starts(ann)
        ...
        assert server.strictness == []

``server`` runs it, ``people``, ``queries`` and ``groups`` say what happens in Telegram apps,
``methods`` lists what the bot may call; ``faults`` go wrong on request, ``rates`` judge
the pace. Texts are parsed by TDLib itself.
"""

from tests.botapi.errors import ApiError
from tests.botapi.faults import Fault, FaultKind, cut, delay, fail, flood, garbage
from tests.botapi.formatting import Formatted, read_text, utf16_length, utf16_slice
from tests.botapi.keyboards import Button
from tests.botapi.model import (
    CallbackQuery,
    Chat,
    ChatType,
    GuestQuery,
    InlineQuery,
    Message,
    Status,
    User,
)
from tests.botapi.rates import COUNTED, Audit, Kind, Send, audit, most_in_window
from tests.botapi.server import TOKEN, BotApiServer
from tests.botapi.world import Call, ChatAction

__all__ = [
    "COUNTED",
    "TOKEN",
    "ApiError",
    "Audit",
    "BotApiServer",
    "Button",
    "Call",
    "CallbackQuery",
    "Chat",
    "ChatAction",
    "ChatType",
    "Fault",
    "FaultKind",
    "Formatted",
    "GuestQuery",
    "InlineQuery",
    "Kind",
    "Message",
    "Send",
    "Status",
    "User",
    "audit",
    "cut",
    "delay",
    "fail",
    "flood",
    "garbage",
    "most_in_window",
    "read_text",
    "utf16_length",
    "utf16_slice",
]
