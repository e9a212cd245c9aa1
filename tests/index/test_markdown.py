"""A Markdown article is reduced to its words, and its front matter is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.articles import Document
from index.errors import UnreadableError
from index.plaintext import read_text

FIRST = "The river burst its banks on Sunday night and flooded forty homes in the old town."
SECOND = "“We had ten minutes to leave,” said Maria Lopez, who owns the bakery on Mill Street."
THIRD = "The council opened a shelter in the sports hall, and engineers inspected the bridge."


def _read(text: str) -> Document:
    return read_text(text, name="pasted.txt")


def _body(document: Document) -> list[str]:
    return document.text.split("\n\n")


def test_a_markdown_article_is_reduced_to_its_words() -> None:
    """A heading is the headline, and links, emphasis and quotes become their words."""
    document = _read(
        "# Floods force *hundreds* from old town\n\n"
        "The river **burst** its banks on [Sunday night](https://a.test/x_(y)) and flooded forty"
        f" homes in the old town.\n\n> {SECOND}\n\n---\n\n## What comes next\n\n{THIRD}\n"
    )
    assert document.title == "Floods force hundreds from old town"
    assert _body(document) == [FIRST, SECOND, "What comes next", THIRD]


def test_an_underlined_heading_is_the_headline() -> None:
    """Markdown's other heading, a line of equals signs below, is the headline as well."""
    headline = "Floods force hundreds of people from the old town"
    document = _read(f"{headline}\n{'=' * len(headline)}\n\n{FIRST}\n\n{SECOND}")
    assert (document.title, _body(document)) == (headline, [FIRST, SECOND])


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# Why C# won ##", "Why C# won"),
        ("# Why we use C#", "Why we use C#"),
        ("# A | B #", "A | B"),
    ],
)
def test_number_signs_that_close_a_heading_go(line: str, title: str) -> None:
    """The signs that close a heading are markup; one that is part of a word is not."""
    assert _read(f"{line}\n\n{FIRST}\n\n{SECOND}").title == title


def test_links_around_pictures_and_brackets_become_their_words() -> None:
    """A linked picture leaves nothing, and a link's words may hold brackets."""
    document = _read(
        f"# Floods\n\n[![A boat](b.jpg)](https://a.test) {FIRST}\n\n"
        f"{SECOND} [He [the mayor] agreed](https://a.test 'Title')."
    )
    assert _body(document) == [FIRST, f"{SECOND} He [the mayor] agreed."]


@pytest.mark.parametrize("piece", ["[", "![", "[a](", "# ", "# a  ", "**a", "(AP) ", "A — ", "By "])
def test_hostile_text_ends(piece: str) -> None:
    """Two hundred thousand beginnings without an end are read or refused, in linear time."""
    try:
        document = _read(piece * 200_000)
    except UnreadableError:
        return
    assert document.text


def test_front_matter_states_what_the_article_is() -> None:
    """Title, outlet, authors, section, link, language and date come from the front matter."""
    document = _read(
        "---\ntitle: 'Floods: hundreds out'\nsource: The Courier\nauthors: [Ana Silva, Jo Poe]\n"
        "category: Region\nlink: https://a.test/floods\nlang: en\n"
        f"date: 2024-03-03T21:15:00+02:00\n---\n{FIRST}\n\n{SECOND}\n"
    )
    assert document == Document(
        title="Floods: hundreds out",
        text=f"{FIRST}\n\n{SECOND}",
        url="https://a.test/floods",
        outlet="The Courier",
        section="Region",
        authors=("Ana Silva", "Jo Poe"),
        published=datetime(2024, 3, 3, 19, 15, tzinfo=UTC),
        language="en",
    )


_MARKED = st.text(alphabet="ab c.#*_[]()>`~=-!\n:", max_size=120)


@given(_MARKED)
@example("---\ndate: 0001-01-01T00:00:00+23:00\n---\nfour words are here")
@example("---\ntitle: x\n---")
def test_markup_is_taken_away_and_nothing_put_in(text: str) -> None:
    """The characters of the paragraphs all occur in the marked-up text, in the same order."""
    try:
        document = _read(text)
    except UnreadableError:
        return
    rest = iter(text)
    for paragraph in _body(document):
        assert all(character in rest for character in paragraph if not character.isspace())
