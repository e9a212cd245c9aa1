"""Messages as Telegram shows them: parsed by its own parser, within its limits."""

import os
from collections.abc import Sequence
from html import escape

from hypothesis import HealthCheck, settings

from bot import messages
from tests.botapi import Formatted, read_text, utf16_length, utf16_slice

# The same examples each time, so that no run fails by chance; more and others on request.
_EXAMPLES = os.environ.get("NEWSBOT_EXAMPLES")
THOROUGH = settings(
    max_examples=int(_EXAMPLES or 25),
    derandomize=_EXAMPLES is None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def shown(message: messages.Message) -> Formatted:
    """The message as Telegram shows it; every limit and both ways of sending are checked."""
    assert len(message.html.encode()) <= 32_768
    parsed = read_text(message.html, "HTML", None, lambda _: None)
    assert parsed.lost == ()
    assert utf16_length(parsed.text) <= 4096
    assert len(parsed.entities) <= 100
    assert parsed.text == message.text
    assert read_text(message.text, "", None, lambda _: None).text == message.text
    for row in message.buttons:
        assert len(row) <= 8
        for button in row:
            assert button.label
            assert (
                1 <= len((button.copied or button.data).encode()) <= (256 if button.copied else 64)
            )
    return parsed


def carried(text: str) -> str:
    """What Telegram itself makes of a text that is sent alone."""
    parsed = read_text(f"x{escape(text)}x", "HTML", None, lambda _: None).text
    assert parsed[0] == parsed[-1] == "x"
    return parsed[1:-1]


def undirected(text: str) -> str:
    """Without the marks that keep directions apart; what is left stands for itself."""
    return text.replace("\u2068", "").replace("\u2069", "")


def slices(parsed: Formatted, kind: str) -> list[str]:
    return [
        utf16_slice(parsed.text, e["offset"], e["length"])
        for e in parsed.entities
        if e["type"].endswith(kind)
    ]


def links(parts: Sequence[Formatted]) -> list[tuple[str, str]]:
    """Label and address of every link."""
    return [
        (utf16_slice(part.text, e["offset"], e["length"]), e["url"])
        for part in parts
        for e in part.entities
        if e["type"] == "text_link"
    ]
