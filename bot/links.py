"""Links that open a page at the sentence. Pure."""

from urllib.parse import quote, urldefrag

# Words at each end of a long quote that are enough for a browser to find it.
_ENDS = 6


def link_to_quote(url: str, text: str) -> str:
    """The page's URL with a text fragment (W3C URL Fragment Text Directives) for the quote.

    Long quotes are named by their first and last words. A browser that does not know
    the directive opens the page as usual. Only http and https have such links.
    """
    if not url.startswith(("http://", "https://")):
        return url
    words = text.split()
    parts = [text] if len(words) <= 2 * _ENDS else [words[:_ENDS], words[-_ENDS:]]
    named = ",".join(
        # A hyphen, an ampersand and a comma have meanings of their own in a directive.
        quote(" ".join(part) if isinstance(part, list) else part, safe="").replace("-", "%2D")
        for part in parts
    )
    return f"{urldefrag(url).url}#:~:text={named}"
