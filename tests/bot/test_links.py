"""Links that open a page at the sentence."""

from urllib.parse import unquote

from bot.links import link_to_quote

URL = "https://example.org/story?id=1#top"


def test_a_short_quote_is_named_whole() -> None:
    """A short quote stands in the link as it is, encoded."""
    link = link_to_quote(URL, "It began at 5, they said - twice & more.")
    assert link == (
        "https://example.org/story?id=1#:~:text="
        "It%20began%20at%205%2C%20they%20said%20%2D%20twice%20%26%20more."
    )


def test_a_long_quote_is_named_by_its_ends() -> None:
    """A long quote is named by its first and last six words."""
    words = [f"w{i}" for i in range(40)]
    directive = link_to_quote(URL, " ".join(words)).partition(":~:text=")[2]
    start, end = directive.split(",")
    assert unquote(start).split() == words[:6]
    assert unquote(end).split() == words[-6:]


def test_a_file_has_no_text_fragment() -> None:
    """A file's address is left as it is."""
    assert link_to_quote("file:///a/b.txt", "x") == "file:///a/b.txt"
