"""What a Telegram error means for the message that met it. Pure."""

from enum import StrEnum

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)


class Fate(StrEnum):
    """What became of a request, and so what may be done next."""

    NOT_SENT = "not sent"
    LATER = "later"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    BLOCKED = "blocked"
    MIGRATED = "migrated"
    FAULT = "fault"


# What the HTTP library calls a failure before anything left this machine.
_BEFORE_SENDING = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}


def fate(error: Exception) -> Fate:
    """The fate of a request that raised ``error``.

    TimedOut and BadRequest are NetworkErrors to the library, so the order matters. Of the
    network's failures only one to connect surely left nothing behind; a line cut later may
    have delivered. A server's error (5xx) says that the request was not carried out, but
    only in Telegram's own words: what a proxy makes up, whatever its status, says nothing.
    """
    if not in_telegrams_words(error):
        return Fate.UNCERTAIN
    match error:
        case RetryAfter():
            return Fate.LATER
        case ChatMigrated():
            return Fate.MIGRATED
        case Forbidden():
            return Fate.BLOCKED
        case BadRequest() | InvalidToken():
            return Fate.REFUSED
        case NetworkError():
            told = error.__cause__ is None and not isinstance(error, TimedOut)
            return Fate.NOT_SENT if told or out_of_reach(error) else Fate.UNCERTAIN
        case TelegramError():
            # An answer that could not be read, to a request that was.
            return Fate.UNCERTAIN
        case _:
            return Fate.FAULT


def in_telegrams_words(error: Exception) -> bool:
    """Whether an error's status came from Telegram, and not from a proxy on the way."""
    return not isinstance(error.__cause__, TelegramError)


def out_of_reach(error: Exception) -> bool:
    """Whether a request failed because there was no connection that it could leave by."""
    return type(error.__cause__).__name__ in _BEFORE_SENDING
