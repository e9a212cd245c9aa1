"""Faults that a test scripts: what goes wrong, for which call, and how often."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from tests.botapi.errors import ApiError, too_many_requests


class FaultKind(StrEnum):
    """Where in a call's life something goes wrong."""

    FLOOD = "flood"  # refused with 429
    ERROR = "error"  # refused with a given status
    DELAY = "delay"  # carried out late, then answered
    LATE_REPLY = "late reply"  # carried out at once, answered late: the outcome is unknown
    CUT_BEFORE = "cut before"  # the connection closes, nothing was carried out
    CUT_AFTER = "cut after"  # carried out, the connection closes without an answer
    GARBAGE = "garbage"  # carried out, the answer is not JSON


@dataclass(slots=True)
class Fault:
    """One scripted fault. Build it with the functions below; ``hits`` counts its effects.

    Applies to calls of ``method`` (None: any but getUpdates) in ``chat`` (None: any), after
    skipping the first ``skip`` of them, ``times`` times (None: until it is cleared).
    """

    kind: FaultKind
    method: str | None = None
    chat: int | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    retry_after: int = 0
    keep: bool = False
    error: ApiError | None = None
    body: bytes = b""
    status: int = 200
    hits: int = 0

    def takes(self, method: str, chat: int | None) -> bool:
        """Whether the fault strikes this call; counts the call."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method is None:
            if method == "getUpdates":
                return False
        elif self.method.lower() != method.lower():
            return False
        if self.chat is not None and self.chat != chat:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        return True


def flood(
    retry_after: int,
    *,
    method: str | None = None,
    chat: int | None = None,
    times: int | None = 1,
    skip: int = 0,
    keep: bool = False,
) -> Fault:
    """429 with ``retry_after`` seconds.

    ``keep`` makes it a penalty: until it is over, every write to that chat is refused and
    kept in the log as sent inside a penalty.
    """
    return Fault(FaultKind.FLOOD, method, chat, times, skip, retry_after=retry_after, keep=keep)


def fail(
    code: int = 500,
    description: str = "Internal Server Error",
    *,
    method: str | None = None,
    chat: int | None = None,
    times: int | None = 1,
    skip: int = 0,
) -> Fault:
    """An error answer, by default a 500; the description is sent as it is given."""
    error = ApiError(code, description)
    return Fault(FaultKind.ERROR, method, chat, times, skip, error=error)


def delay(
    seconds: float,
    *,
    method: str | None = None,
    chat: int | None = None,
    times: int | None = 1,
    skip: int = 0,
    executed: bool = False,
) -> Fault:
    """A slow call. With ``executed`` it is carried out at once and only the answer is late."""
    kind = FaultKind.LATE_REPLY if executed else FaultKind.DELAY
    return Fault(kind, method, chat, times, skip, seconds=seconds)


def cut(
    *,
    executed: bool,
    method: str | None = None,
    chat: int | None = None,
    times: int | None = 1,
    skip: int = 0,
) -> Fault:
    """The connection closes without an answer, after or before the call was carried out."""
    kind = FaultKind.CUT_AFTER if executed else FaultKind.CUT_BEFORE
    return Fault(kind, method, chat, times, skip)


def garbage(
    body: bytes = b"<html>502 Bad Gateway</html>",
    *,
    status: int = 200,
    method: str | None = None,
    chat: int | None = None,
    times: int | None = 1,
    skip: int = 0,
) -> Fault:
    """The call is carried out, and the answer is something a proxy made up."""
    return Fault(FaultKind.GARBAGE, method, chat, times, skip, body=body, status=status)


@dataclass(slots=True)
class Faults:
    """The scripted faults, oldest first, and the penalties now in force."""

    scripted: list[Fault] = field(default_factory=list)
    penalties: dict[int, float] = field(default_factory=dict)

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The first fault that strikes this call."""
        for fault in self.scripted:
            if fault.takes(method, chat):
                return fault
        return None

    def punish(self, chat: int, until: float) -> None:
        """Refuse writes to the chat until that monotonic time."""
        self.penalties[chat] = max(until, self.penalties.get(chat, until))

    def refusal(self, chat: int | None, now: float) -> ApiError | None:
        """429 with what is left of the chat's penalty."""
        if chat is None or chat not in self.penalties:
            return None
        left = self.penalties[chat] - now
        if left <= 0:
            del self.penalties[chat]
            return None
        return too_many_requests(max(1, math.ceil(left)))
