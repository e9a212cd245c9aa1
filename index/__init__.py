"""What the news says; knows nothing of chats or Telegram.

    source -> fetch -> entries -> article versions -> paragraphs -> vectors + keywords
    question -> passages

``News`` is the one object that others hold. The database is the only truth; the vector
and keyword indexes are derived from it and brought up whenever they are behind.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.archive import Filters, Outlet
    from index.articles import Article, Paragraph, Passage, Source, SourceKind, Version
    from index.errors import NewsError
    from index.news import Added, News

# Imported when first asked for: the values are wanted where FAISS and the rest are not.
_HOMES = {
    "Added": "index.news",
    "Article": "index.articles",
    "Filters": "index.archive",
    "News": "index.news",
    "NewsError": "index.errors",
    "Outlet": "index.archive",
    "Paragraph": "index.articles",
    "Passage": "index.articles",
    "Source": "index.articles",
    "SourceKind": "index.articles",
    "Version": "index.articles",
}

__all__ = [
    "Added",
    "Article",
    "Filters",
    "News",
    "NewsError",
    "Outlet",
    "Paragraph",
    "Passage",
    "Source",
    "SourceKind",
    "Version",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'index' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
