"""Links to pages, and such that open a page at the sentence. Pure."""

import re
from urllib.parse import quote, urldefrag, urlsplit

# Words at each end of a long quote that are enough for a browser to find it.
_ENDS = 6
# A host that Telegram makes a link of: with a dot or of IPv6. No user name: an address with
# one can look like another's, and may hold a password.
_HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+\.?|\[[0-9a-fA-F:.]+\])(?::[0-9]+)?")
# What may not stand in an address as it is: white space ends it, the rest is not seen.
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def web_address(url: str | None) -> str | None:
    """The URL as a link that can be pressed; None if it is no http or https address."""
    url = (url or "").strip().encode("utf-8", "replace").decode()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or port == 0 or not _HOST.fullmatch(parts.netloc):
        return None
    return _UNSEEN.sub(lambda found: quote(found[0]), url)


def link_to_quote(url: str, text: str) -> str:
    """The page's URL with a text fragment (W3C URL Fragment Text Directives) for the quote.

    Long quotes are named by their first and last words. A browser that does not know
    the directive opens the page as usual. Only http and https have such links; any other
    address is returned as it is.
    """
    try:
        page, _ = urldefrag(url)
    except ValueError:
        return url
    if not page.lower().startswith(("http://", "https://")):
        return url
    words = text.encode("utf-8", "replace").decode().split()
    parts = [words] if len(words) <= 2 * _ENDS else [words[:_ENDS], words[-_ENDS:]]
    # A hyphen, an ampersand and a comma have meanings of their own in a directive.
    named = ",".join(quote(" ".join(part), safe="").replace("-", "%2D") for part in parts)
    return f"{page}#:~:text={named}"
