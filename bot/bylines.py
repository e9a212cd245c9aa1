"""Names and dates in a line of a message. Pure."""

from datetime import datetime

from bot.catalogue import ENGLISH, Catalogue
from bot.characters import clean, is_visible, shortened
from bot.formatting import Block, Run

# A headline or outlet longer than this is cut; nobody reads on, and quotes need the room.
_LONGEST_NAME = 200
# Between a quote's end and its mark, so that no line begins with the mark.
NO_BREAK = "\u00a0"


def name(text: str | None) -> str:
    """A title or an outlet's name in one line, cut if it is long; "" if there is nothing to see.

    Their line ends must not begin lines that look like ours.
    """
    cleaned = " ".join(clean(text or "").split())
    return shortened(cleaned, _LONGEST_NAME) if is_visible(cleaned) else ""


def day(moment: datetime | None, words: Catalogue = ENGLISH) -> str:
    """A date as it is shown; a missing one is said."""
    return f"{moment.day} {moment:%B %Y}" if moment else words.no_date


def filled(text: str, field: str, value: str) -> Block:
    """One of our texts with another's in it, where ``{field}`` stands."""
    before, _, after = text.partition(f"{{{field}}}")
    return (Run(before), Run(value, theirs=True), Run(after))
