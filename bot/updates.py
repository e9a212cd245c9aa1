"""What a subscriber is told: frozen values, from matching to delivery."""

from dataclasses import dataclass
from typing import Any

from bot.answers import Claim, claim_from_plain
from bot.checking import Checked, checked_from_plain
from bot.subscriptions import Kind


@dataclass(frozen=True, slots=True)
class Update:
    """News of a story for one subscription.

    ``because`` is the text of the subscription. ``claims`` are the sentences that made it
    match, or that are new; ``also`` names the other outlets that carry the same. Of a
    question ``before`` is the answer that was told earlier, if there was one. ``follows``
    says that the chat was told of the story before. ``checked`` is what became of a quote of
    an answer to ``because`` that was given in the message ``answered``; then it is all there is.
    """

    kind: Kind
    because: str
    story: int
    title: str
    claims: tuple[Claim, ...]
    also: tuple[str, ...] = ()
    before: Claim | None = None
    follows: bool = False
    checked: Checked | None = None
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """An update for a chat or topic; ``change`` names what is new, once per chat and story."""

    chat: int
    thread: int
    subscription: int
    change: str
    update: Update


def update_from_plain(stored: dict[str, Any]) -> Update:
    """The Update that bot.plain.plain() was given; raises KeyError on anything else."""
    before, checked = stored["before"], stored.get("checked")
    return Update(
        kind=Kind(stored["kind"]),
        because=stored["because"],
        story=stored["story"],
        title=stored["title"],
        claims=tuple(claim_from_plain(claim) for claim in stored["claims"]),
        also=tuple(stored["also"]),
        before=claim_from_plain(before) if before else None,
        follows=stored["follows"],
        checked=checked_from_plain(checked) if checked else None,
        answered=stored.get("answered"),
    )
