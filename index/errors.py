"""The one exception family of newsbot.

    NewsError
    ├── UnreadableError   input that cannot be read as news: a file, a page, a feed
    ├── FetchError        a URL that could not be fetched
    ├── StorageError      the data folder or its database cannot be used
    │   └── BusyError     another newsbot is writing to the same data folder
    └── ModelError        the embedding model is missing, altered or does not fit

Each error says what it is about (``subject``), what happened (``reason``) and what
the reader of the message can do (``remedy``, possibly empty).
"""


class NewsError(Exception):
    """Something that newsbot can explain; shown to a person without a traceback."""

    def __init__(self, subject: str, reason: str, remedy: str = "") -> None:
        super().__init__(subject, reason, remedy)
        self.subject = subject
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        message = f"{self.subject}: {self.reason}"
        return f"{message}. {self.remedy}" if self.remedy else message


class UnreadableError(NewsError):
    """Input that cannot be read as news."""


class FetchError(NewsError):
    """A URL that could not be fetched."""


class StorageError(NewsError):
    """The data folder or its database cannot be used."""


class BusyError(StorageError):
    """Another newsbot is writing to the same data folder."""


class ModelError(NewsError):
    """The embedding model is missing, altered or does not fit the data."""
