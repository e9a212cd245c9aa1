"""A chat's subscriptions as a file, and back. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.subscriptions import BROADEST, NARROWEST, Kind, Manner, Subscription
from bot.timing import read_quiet, read_schedule

_FORMAT = "newsbot subscriptions 1"
LARGEST_FILE = 256 * 1024
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Restored:
    """What a file holds, for the chat or topic that it was sent to."""

    subscriptions: tuple[Subscription, ...]
    manner: Manner


def to_file(subscriptions: Sequence[Subscription], manner: Manner) -> bytes:
    """The subscriptions and when they are told, as JSON."""
    content = {
        "format": _FORMAT,
        "schedule": str(manner.schedule),
        "quiet": str(manner.quiet) if manner.quiet else None,
        "time_zone": manner.time_zone,
        "subscriptions": [
            {
                # A story has its number in one newsbot only; its title is a topic anywhere.
                "kind": (Kind.TOPIC if s.kind is Kind.STORY else s.kind).value,
                "text": s.text,
                "breadth": s.breadth,
                "schedule": str(s.schedule) if s.schedule else None,
                "paused": s.paused,
            }
            for s in subscriptions
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def from_file(
    content: bytes, chat: int, thread: int, now: datetime, zones: frozenset[str], most: int
) -> Restored | None:
    """What a file of to_file() holds; None for any other. What it has beyond ``most`` or
    cannot be is left out.
    """
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
        return None
    listed = stored.get("subscriptions")
    found = (_subscription(item, chat, thread, now) for item in listed or () if item)
    zone = stored.get("time_zone")
    return Restored(
        tuple(s for s in found if s is not None)[:most],
        Manner(
            read_schedule(_text(stored.get("schedule"))) or Manner().schedule,
            read_quiet(_text(stored.get("quiet"))),
            zone if isinstance(zone, str) and zone in zones else Manner().time_zone,
        ),
    )


def _subscription(item: Any, chat: int, thread: int, now: datetime) -> Subscription | None:
    if not isinstance(item, dict):
        return None
    text = " ".join(_text(item.get("text")).split())[:_LONGEST_TEXT]
    breadth = item.get("breadth")
    kinds = {Kind.TOPIC.value, Kind.QUESTION.value, Kind.SOURCE.value}
    if not text or item.get("kind") not in kinds:
        return None
    schedule = item.get("schedule")
    return Subscription(
        id=0,
        chat=chat,
        thread=thread,
        kind=Kind(item["kind"]),
        text=text,
        breadth=min(BROADEST, max(NARROWEST, breadth)) if isinstance(breadth, int) else 0,
        schedule=read_schedule(schedule) if isinstance(schedule, str) else None,
        paused=item.get("paused") is True,
        created=now,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
