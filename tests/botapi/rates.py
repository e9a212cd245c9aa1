"""What was sent when, and whether that kept to Telegram's pace. Pure functions over a log."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a call does to a chat; Telegram counts all of these against the pace."""

    MESSAGE = "message"
    EDIT = "edit"
    ACTION = "action"
    DRAFT = "draft"
    DELETE = "delete"
    REACTION = "reaction"


COUNTED = frozenset({Kind.MESSAGE, Kind.EDIT, Kind.ACTION, Kind.DRAFT})


@dataclass(frozen=True, slots=True)
class Send:
    """One call that writes to a chat; ``time`` is monotonic, in seconds, at its arrival.

    ``accepted`` is False where the chat's penalty refused it (429).
    """

    time: float
    kind: Kind
    chat: int
    private: bool
    method: str = "sendMessage"
    message: int | None = None
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Audit:
    """The most calls that any rolling window held, and those sent inside a penalty.

    ``busiest_private`` and ``busiest_group`` are the chats of the two per-chat maxima.
    """

    sends: int
    private_per_second: int
    group_per_minute: int
    overall_per_second: int
    in_penalty: tuple[Send, ...]
    busiest_private: int | None = None
    busiest_group: int | None = None


def most_in_window(times: Iterable[float], width: float) -> int:
    """The most times that fall into one half-open window ``[t, t + width)`` seconds."""
    ordered = sorted(times)
    most = 0
    for end, time in enumerate(ordered, 1):
        # Two calls exactly one width apart do not share a window. Rounding of the sum
        # must not join them, so the difference is compared.
        start = bisect_left(ordered, time - width)
        while start < end and time - ordered[start] >= width:
            start += 1
        most = max(most, end - start)
    return most


def audit(log: Sequence[Send], kinds: Collection[Kind] = COUNTED, *, slack: float = 0.0) -> Audit:
    """Measure a log; groups include supergroups and channels.

    ``slack`` seconds are taken off each window: calls paced exactly at the sender arrive
    with jitter here.
    """
    chosen = [send for send in log if send.kind in kinds]
    accepted = [send for send in chosen if send.accepted]
    chats: dict[tuple[bool, int], list[float]] = {}
    for send in accepted:
        chats.setdefault((send.private, send.chat), []).append(send.time)

    def busiest(private: bool, width: float) -> tuple[int, int | None]:
        counts = (
            (most_in_window(times, width - slack), chat)
            for (is_private, chat), times in chats.items()
            if is_private == private
        )
        return max(counts, default=(0, None), key=lambda found: found[0])

    private, busiest_private = busiest(True, 1.0)
    group, busiest_group = busiest(False, 60.0)
    return Audit(
        sends=len(accepted),
        private_per_second=private,
        group_per_minute=group,
        overall_per_second=most_in_window((send.time for send in accepted), 1.0 - slack),
        in_penalty=tuple(send for send in chosen if not send.accepted),
        busiest_private=busiest_private,
        busiest_group=busiest_group,
    )
