"""Where matching goes on, also on news that were restored from an older copy."""

from bot.storylines import Storylines
from index.archive import Archive


def goes_on_after(archive: Archive, storylines: Storylines, name: str) -> int:
    """The change after which a process that starts goes on; 0 at the beginning.

    That is the cursor. But what restored news take in before anybody looks gets numbers that
    the cursor has passed; it shows by having been stored after all that was matched.
    """
    seen, stored = storylines.cursor(name) or 0, storylines.stored(name)
    unseen = archive.unseen(seen, stored) if stored is not None else None
    return seen if unseen is None else unseen - 1
