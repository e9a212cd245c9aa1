"""What makes two sightings the same article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Document
from index.identity import article_key, fingerprint, storable


@pytest.mark.parametrize(
    "url",
    [
        "https://www.Example.org/a/story?utm_source=rss&utm_medium=feed",
        "http://example.org/a/story/",
        "https://example.org:443/a/story#comments",
        "https://example.org/a/story?fbclid=1",
        " https://example.org/a/story ",
    ],
)
def test_spellings_of_one_address_are_one_article(url: str) -> None:
    """Tracking, fragments, www, case of the host and the final slash do not matter."""
    assert article_key(url) == "https://example.org/a/story"


def test_what_the_server_sees_matters() -> None:
    """Path case, other query parameters and ports tell articles apart."""
    urls = [
        "https://example.org/a",
        "https://example.org/A",
        "https://example.org/a?id=1",
        "https://example.org/a?id=2",
        "https://example.org:8443/a",
    ]
    assert len({article_key(url) for url in urls}) == len(urls)


def test_fields_are_told_apart() -> None:
    """Moving a character from one field to the next changes the fingerprint."""
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("a", None) != fingerprint("a")


@given(st.text())
def test_storable_text_survives_utf8(text: str) -> None:
    """Whatever a source says, what is kept can be encoded and has no control characters."""
    kept = storable(Document(title="t", text=text)).text
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert "\x00" not in kept
