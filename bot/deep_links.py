"""Links that open newsbot in Telegram at a story or at an answer. Pure.

Stories are news, and anybody may see them. Answers belong to the chat where they were given,
and their numbers can be guessed, so that a link to one carries a seal that cannot.
"""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

_PAYLOAD = re.compile(r"(?P<what>[as])(?P<number>\d{1,12})(?:-(?P<seal>[0-9a-f]{16}))?")


class Target(StrEnum):
    """What a link opens."""

    ANSWER = "a"
    STORY = "s"


@dataclass(frozen=True, slots=True)
class DeepLink:
    """``number`` is the answer's or the story's."""

    target: Target
    number: int

    def payload(self, secret: str) -> str:
        """What stands behind ``?start=``: at most 64 of ``A-Za-z0-9_-``."""
        plain = f"{self.target}{self.number}"
        return plain if self.target is Target.STORY else f"{plain}-{_seal(plain, secret)}"

    def address(self, username: str, secret: str) -> str:
        """The link to the bot with this user name; ``secret`` is what only the bot knows."""
        return f"https://t.me/{username}?start={self.payload(secret)}"


def read_payload(payload: str, secret: str) -> DeepLink | None:
    """What a payload opens; None if it is not one of ours, or its seal is wrong."""
    found = _PAYLOAD.fullmatch(payload)
    if found is None:
        return None
    link = DeepLink(Target(found["what"]), int(found["number"]))
    return link if hmac.compare_digest(link.payload(secret), payload) else None


def _seal(plain: str, secret: str) -> str:
    return hmac.new(secret.encode(), plain.encode(), sha256).hexdigest()[:16]
