"""Article files on disk, and whatever was fetched, read as the documents that they are."""

import os
from pathlib import Path

from index.articles import Document
from index.errors import UnreadableError
from index.extraction import extract_page
from index.feeds import Kind, sniff
from index.plaintext import decode, read_text

# The same bound as for what is fetched; a longer text is a book, not an article.
LARGEST = 8 * 1024 * 1024

_SUFFIXES = {".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"}


def article_files(folder: Path) -> list[Path]:
    """The text, Markdown and HTML files in a folder and below it, hidden ones left out."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(parent) / name
            for name in sorted(names)
            if not name.startswith(".") and Path(name).suffix.lower() in _SUFFIXES
        ]
    if not found:
        raise UnreadableError(
            str(folder),
            "there is no article file in this folder",
            f"newsbot reads {', '.join(sorted(_SUFFIXES))}",
        )
    return found


def _raise(error: OSError) -> None:
    raise _unreadable(Path(error.filename or "."), error)


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableError if it is missing or too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UnreadableError(
                str(path),
                f"it is too large ({size / 2**20:.0f} MiB; newsbot reads up to"
                f" {LARGEST // 2**20} MiB of one file)",
                "Split it into one file an article",
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UnreadableError:
    if isinstance(error, FileNotFoundError):
        return UnreadableError(str(path), "there is no such file or folder", "Check the path")
    return UnreadableError(
        str(path), f"it cannot be read ({error.strerror})", "Check its permissions"
    )


def read_document(
    data: bytes, name: str, content_type: str | None = None, charset: str | None = None
) -> Document:
    """The article in these bytes; ``name`` is a file's name or the URL that they came from.

    Raises UnreadableError with one reason if there is none.
    """
    url = name if "://" in name else None
    match sniff(data, content_type):
        case Kind.HTML:
            return extract_page(data, url=url, content_type=content_type)
        case Kind.TEXT:
            return read_text(decode(data, name=name, charset=charset), name=name)
        case Kind.EMPTY:
            raise UnreadableError(name, "it is empty")
        case Kind.FEED | Kind.OPML:
            raise UnreadableError(
                name, "it is a feed or a list of feeds, not an article", "Add it on its own"
            )
        case Kind.BINARY:
            raise UnreadableError(
                name, "it is not text", "newsbot reads plain text, Markdown and HTML"
            )
