"""The feeds of the shared data, as they were found on the web."""

import json
from datetime import timedelta

import pytest

from index.errors import NewsError
from index.extraction import extract_fragment
from index.feeds import (
    Feed,
    Kind,
    parse_feed,
    parse_opml,
    sniff,
)
from tests.index.written_feeds import (
    parse,
)
from tests.shared import FOLDER, shared

REAL = FOLDER / "data" / "feeds"
NAMES = sorted(path.name for path in REAL.glob("*")) if REAL.exists() else ["*"]


@pytest.mark.parametrize("name", NAMES)
def test_each_real_feed_gives_entries_or_one_reason(name: str) -> None:
    """A feed as found on the web gives sound entries, or an error with a reason and a remedy."""
    data = shared("data", "feeds", name).read_bytes()
    url = f"https://news.test/{name}"
    try:
        if sniff(data) is Kind.OPML:
            outlines = parse_opml(data, url=url)
            assert len({outline.url for outline in outlines}) == len(outlines) > 0
            assert all(o.url.startswith(("http://", "https://")) for o in outlines)
            return
        feed = parse_feed(data, url=url)
    except NewsError as error:
        assert error.reason
        assert error.remedy
        assert "\n" not in str(error)
        return
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids) > 0
    for entry in feed.entries:
        assert entry.title.strip() == entry.title != ""
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert entry.complete or entry.url, "a summary needs a page to follow"
        assert not entry.complete or entry.url is None or extract_fragment(entry.html)
        assert entry.published is None or entry.published.utcoffset() == timedelta()


def test_of_the_real_feeds_only_the_truncated_one_is_refused() -> None:
    """Of the 94 real files 93 are read; the one whose JSON breaks off says that it is damaged."""
    shared("data", "feeds")
    refused: dict[str, str] = {}
    for name in NAMES:
        data = (REAL / name).read_bytes()
        try:
            if sniff(data) is Kind.OPML:
                parse_opml(data, url=name)
            else:
                parse_feed(data, url=f"https://news.test/{name}")
        except NewsError as error:
            refused[name] = error.reason
    assert len(NAMES) == 94
    assert list(refused) == ["allthis-partial.json"]
    assert "JSON is damaged" in refused["allthis-partial.json"]


def _known(feed: Feed) -> set[tuple[str, str | None, str, bool]]:
    return {(entry.id, entry.url, entry.title, entry.complete) for entry in feed.entries}


@pytest.mark.parametrize("name", ["DaringFireball.json", "allthis.json", "rose.json"])
def test_real_items_in_any_order_and_twice_are_the_same_entries(name: str) -> None:
    """A real feed turned around, or with every item doubled, gives the very same entries."""
    root = json.loads(shared("data", "feeds", name).read_bytes())
    once = parse(json.dumps(root))
    for items in (root["items"][::-1], root["items"] * 2):
        again = parse(json.dumps({**root, "items": items}))
        assert len(again.entries) == len(once.entries)
        assert _known(again) == _known(once)
