"""What a Telegram error means for the message that met it. Pure."""

from enum import StrEnum

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TimedOut


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
    have delivered. A server's error (5xx) says that the request was not carried out.
    """
    match error:
        case RetryAfter():
            return Fate.LATER
        case ChatMigrated():
            return Fate.MIGRATED
        case Forbidden():
            return Fate.BLOCKED
        case BadRequest():
            return Fate.REFUSED
        case NetworkError():
            cause = type(error.__cause__).__name__ if error.__cause__ else ""
            if cause in _BEFORE_SENDING or (not cause and not isinstance(error, TimedOut)):
                return Fate.NOT_SENT
            return Fate.UNCERTAIN
        case _:
            return Fate.FAULT
