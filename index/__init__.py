"""What the news says; knows nothing of chats or Telegram.

    source -> fetch -> entries -> article versions -> paragraphs -> vectors + keywords
    question -> passages

``News`` is the one object that others hold. The database is the only truth; the vector
and keyword indexes are derived from it and brought up whenever they are behind.
"""

from index.archive import Filters, Outlet
from index.articles import Article, Paragraph, Passage, Source, SourceKind, Version
from index.errors import NewsError
from index.news import Added, News

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
