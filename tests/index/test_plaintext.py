"""A pasted article is read as a person would read it, and nothing is put into its mouth."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Document
from index.errors import UnreadableError
from index.plaintext import decode, read_text
from tests.shared import shared

FIRST = "The river burst its banks on Sunday night and flooded forty homes in the old town."
SECOND = "“We had ten minutes to leave,” said Maria Lopez, who owns the bakery on Mill Street."
THIRD = "The council opened a shelter in the sports hall, and engineers inspected the bridge."


def _read(text: str) -> Document:
    return read_text(text, name="pasted.txt")


def _body(document: Document) -> list[str]:
    return document.text.split("\n\n")


def test_the_seed_article_is_read_whole() -> None:
    """The seed article has its section, headline, outlet and fourteen paragraphs, and no more."""
    data = shared("data", "seed", "karabakh_truce.txt").read_bytes()
    document = _read(decode(data, name="karabakh_truce.txt"))
    assert document.section == "World"
    assert document.title == "Fresh gunfire reported in Karabakh despite truce"
    assert document.outlet == "BBC"
    assert document.published is None
    assert document.authors == ()
    assert len(_body(document)) == 14
    assert _body(document)[0].startswith("Ethnic-Armenian forces")
    assert _body(document)[-1] == "A follow-up meeting is expected in the near future."
    for foreign in ("—BBC", "Show More", "Back to top button"):
        assert foreign not in document.text


def test_byline_and_dateline_are_read_and_taken_off() -> None:
    """A byline gives the author; a dateline gives outlet and date and leaves the sentence whole."""
    document = _read(
        "Floods force hundreds from old town\n\nBy Ana Silva and John O’Neil\n\n"
        f"LISBON, March 3, 2024 (Reuters) — {FIRST}\n\n{SECOND}\n\n{THIRD}\n"
    )
    assert document.title == "Floods force hundreds from old town"
    assert document.authors == ("Ana Silva", "John O’Neil")
    assert document.outlet == "Reuters"
    assert document.published == datetime(2024, 3, 3, tzinfo=UTC)
    assert _body(document) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    ("dateline", "outlet"),
    [
        ("LONDON (AP) — ", "AP"),
        ("WASHINGTON (Reuters) - ", "Reuters"),
        ("PORT-AU-PRINCE, Haiti (AP) -- ", "AP"),
        ("NEW YORK, Jan. 5 (Xinhua) — ", "Xinhua"),
        ("PARIS — ", None),
        ("(CNN) — ", "CNN"),
    ],
)
def test_datelines_of_the_agencies_are_known(dateline: str, outlet: str | None) -> None:
    """Datelines in the forms of the large agencies are taken off, and the outlet is read."""
    document = _read(f"Floods force hundreds from old town\n\n{dateline}{FIRST}\n\n{SECOND}")
    assert _body(document) == [FIRST, SECOND]
    assert document.outlet == outlet


@pytest.mark.parametrize(
    "sentence",
    [
        "NATO — which met on Monday — agreed to send forty more trucks to the flooded town.",
        "Lisbon — the capital — was spared by the flood that hit the old town on Sunday.",
        "The mayor (Reuters) said the old town would be rebuilt before the next winter came.",
    ],
)
def test_a_dash_in_a_sentence_is_no_dateline(sentence: str) -> None:
    """A first sentence with a dash or a bracket in it is left as it is."""
    assert _body(_read(f"Floods force hundreds out\n\n{sentence}\n\n{SECOND}"))[0] == sentence


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("3 March 2024", datetime(2024, 3, 3, tzinfo=UTC)),
        ("March 3rd, 2024", datetime(2024, 3, 3, tzinfo=UTC)),
        ("MARCH 3, 2024", datetime(2024, 3, 3, tzinfo=UTC)),
        ("Sunday, 3 March 2024", datetime(2024, 3, 3, tzinfo=UTC)),
        ("Published: Mar. 3, 2024 at 9:15 p.m.", datetime(2024, 3, 3, 21, 15, tzinfo=UTC)),
        ("Published 3 March 2024, 09:15 GMT", datetime(2024, 3, 3, 9, 15, tzinfo=UTC)),
        ("Posted on March 3, 2024 9:15 PM EST", datetime(2024, 3, 4, 2, 15, tzinfo=UTC)),
        ("3 March 2024 09:15 +0530", datetime(2024, 3, 3, 3, 45, tzinfo=UTC)),
        ("2024-03-03", datetime(2024, 3, 3, tzinfo=UTC)),
        ("2024-03-03 21:15", datetime(2024, 3, 3, 21, 15, tzinfo=UTC)),
        ("1 January 1970", None),
        ("3 March 2099", None),
        ("31 February 2024", None),
        ("1 January 0001, 00:10 +0100", None),
    ],
)
def test_a_date_line_is_read_and_is_not_in_the_body(line: str, moment: datetime | None) -> None:
    """A line with a date and nothing else gives the date in UTC, if it can be, and is no text."""
    document = _read(f"Floods force hundreds from old town\n\n{line}\n\n{FIRST}\n\n{SECOND}")
    assert document.published == moment
    assert _body(document) == [FIRST, SECOND]


def test_the_publication_goes_before_the_update() -> None:
    """Of "Published" and "Updated" the first is the article's date, in whatever order they come."""
    document = _read(
        "Floods force hundreds out\n\nUpdated 5 March 2024\n\nPublished 3 March 2024\n\n"
        f"{FIRST}\n\n{SECOND}"
    )
    assert document.published == datetime(2024, 3, 3, tzinfo=UTC)


def test_hard_wrapped_lines_are_joined() -> None:
    """A paragraph that was broken where the window ended is one paragraph again."""
    document = _read(
        "Floods force hundreds from old town\n\n"
        "The river burst its banks on Sunday night\nand flooded forty homes in the old town.\n\n"
        "“We had ten minutes to leave,” said Maria\nLopez, who owns the bakery on Mill Street.\n"
    )
    assert document.title == "Floods force hundreds from old town"
    assert _body(document) == [FIRST, SECOND]


def test_lines_without_empty_ones_between_are_paragraphs() -> None:
    """Where no line is empty, each line is a paragraph of its own."""
    document = _read(f"Floods force hundreds from old town\n{FIRST}\n{SECOND}\n{THIRD}")
    assert document.title == "Floods force hundreds from old town"
    assert _body(document) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028"])
def test_line_ends_of_any_system_read_the_same(end: str) -> None:
    """Line ends of Windows and of old systems give the same article as those of Unix."""
    text = f"World\n\nFloods force hundreds from old town\n\n{FIRST}\n\n{SECOND}\n"
    assert _read(text.replace("\n", end)) == _read(text)


@pytest.mark.parametrize(
    "text", ["Word", "Floods force hundreds", "\n\n", "Advertisement\n\nShare this", "***"]
)
def test_what_is_too_short_to_quote_is_refused(text: str) -> None:
    """A word, a few words or furniture alone give an error that says what to do."""
    with pytest.raises(UnreadableError) as raised:
        _read(text)
    assert raised.value.subject == "pasted.txt"
    assert raised.value.reason
    assert raised.value.remedy


def test_a_headline_alone_is_its_own_text() -> None:
    """A headline with nothing below it is kept as text, because something may ask for it."""
    document = _read("Floods force hundreds from old town")
    assert document.title == document.text == "Floods force hundreds from old town"


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT",
        "Share this",
        "Share on Facebook",
        "Show More",
        "Read more",
        "Read also: Ten floods of the century",
        "Back to top button",
        "▲",
        "Sign up to our newsletter",
        "© 2024 The Courier",
        "3 min read",
        "Image source, Getty Images",
        "Related articles",
        "Sign up for our newsletter to get the best of the week.",
        "Copyright 2024 The Courier. All rights reserved.",
    ],
)
def test_furniture_is_dropped_wherever_it_stands(line: str) -> None:
    """A line that belongs to the page is in no paragraph: above, between or below the text."""
    document = _read(
        f"{line}\n\nFloods force hundreds from old town\n\n{line}\n\n{FIRST}\n\n{line}\n\n"
        f"{SECOND}\n\n{line}\n"
    )
    assert document.title == "Floods force hundreds from old town"
    assert _body(document) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "sentence",
    [
        "Advertisement income fell by a fifth last year, the paper’s owner said on Monday.",
        "Share this meal with neighbours, the mayor told the people in the shelter.",
        "Share prices fell on Monday.",
        "Copyright law protects the photographs of the flood, a judge ruled on Monday.",
        "Click here, the fraudsters had written below the pictures of the flood.",
        "Sign up for the shelter before noon, the council told its residents.",
        "Published in March, the report had warned of a flood like this one.",
        "Read next to the river, the poem moved many in the audience to tears.",
        "More on the flood was to be said in parliament, the minister promised.",
        "Follow us if you want to live, the firefighter shouted.",
    ],
)
def test_the_words_of_furniture_stay_inside_a_sentence(sentence: str) -> None:
    """A sentence that begins with the words of a button is kept."""
    document = _read(f"Floods force hundreds out\n\n{FIRST}\n\n{sentence}\n\n{SECOND}")
    assert _body(document) == [FIRST, sentence, SECOND]


@pytest.mark.parametrize(
    ("signature", "outlet"),
    [
        ("—BBC", "BBC"),
        ("— Reuters", "Reuters"),
        ("-AFP", "AFP"),
        ("(AP)", "AP"),
        ("Source: The Courier", "The Courier"),
        ("Courtesy: Gulf News", "Gulf News"),
    ],
)
def test_a_signature_names_the_outlet(signature: str, outlet: str) -> None:
    """The outlet that signs the last paragraph, behind it or below it, is read and taken off."""
    for gap in (" ", "\n\n"):
        document = _read(f"Floods force hundreds out\n\n{FIRST}\n\n{THIRD}{gap}{signature}\n")
        assert document.outlet == outlet
        assert _body(document) == [FIRST, THIRD]


def test_a_dash_at_the_end_is_not_always_a_signature() -> None:
    """What stands behind the last dash stays, unless it can be the name of an outlet."""
    last = "They left behind all that they loved. — Nobody knows for how long"
    document = _read(f"Floods force hundreds out\n\n{FIRST}\n\n{last}")
    assert _body(document) == [FIRST, last]
    assert document.outlet is None


def test_a_box_of_links_below_the_article_is_dropped() -> None:
    """Short lines below a line of furniture, to the end, are links and not the article."""
    document = _read(
        f"Floods force hundreds out\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}\n\nRelated articles\n\n"
        "Ten floods of the century\n\nHow to dry a book\n"
    )
    assert _body(document) == [FIRST, SECOND, THIRD]


def test_an_article_without_a_headline_is_called_by_its_first_words() -> None:
    """Prose from the first line on loses no sentence, and its first words are the title."""
    document = _read(f"{FIRST} {THIRD}\n\n{SECOND}")
    assert _body(document) == [f"{FIRST} {THIRD}", SECOND]
    assert document.title == "The river burst its banks on Sunday night and flooded forty homes…"


def test_a_quotation_below_the_headline_is_no_section() -> None:
    """A standfirst between headline and body stays in the body."""
    standfirst = "Forty homes flooded as river bursts its banks"
    document = _read(f"Floods force hundreds from old town\n\n{standfirst}\n\n{FIRST}\n\n{SECOND}")
    assert document.title == "Floods force hundreds from old town"
    assert _body(document) == [standfirst, FIRST, SECOND]


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("café – “yes”".encode(), None),
        ("café – “yes”".encode("utf-8-sig"), None),
        ("café – “yes”".encode("utf-16"), None),
        ("café – “yes”".encode("cp1252"), "cp1252"),
        ("café – “yes”".encode("cp1252"), "no-such-charset"),
    ],
)
def test_bytes_become_the_text_that_was_meant(data: bytes, charset: str | None) -> None:
    """UTF-8, UTF-16 with its mark, the charset that is told and the likeliest one are read."""
    assert "caf" in (text := decode(data, name="a.txt", charset=charset))
    if charset != "no-such-charset":
        assert text == "café – “yes”"


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\x00\x01\x02\x03", b"PK\x03\x04\x00\x00"])
def test_nothing_and_binary_data_are_refused(data: bytes) -> None:
    """Empty and binary files are refused with the file's name."""
    with pytest.raises(UnreadableError, match=r"a\.txt"):
        decode(data, name="a.txt")


_LINES = st.one_of(
    st.sampled_from([FIRST, SECOND, THIRD, "World", "Floods force hundreds", "Share this", ""]),
    st.sampled_from(
        ["By Ana Silva", "By Ana Silva, Reuters", "Ana Silva, AP", "—BBC", "SOURCE: X"]
    ),
    st.sampled_from(["3 March 2024", "2024-03-03", "9999-12-31 23:59 -0500", "- item", "—", "."]),
    st.sampled_from(["LONDON (AP) — The rain fell.", "Advertisement", "Share this.", ""]),
)


_PASTED = st.one_of(
    st.lists(_LINES, max_size=12).map("\n".join),
    st.text(max_size=300),
    st.text(alphabet="aA .,—-()\n“”1:", max_size=120),
)


@given(_PASTED)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is pasted gives an article with text or the one error, never another."""
    try:
        document = _read(text)
    except UnreadableError:
        return
    assert document.title.strip()
    assert all(len(paragraph.split()) >= 1 for paragraph in _body(document))


@given(_PASTED.filter(lambda text: not set(text) & set("#*_[]>`~=")))
def test_no_paragraph_is_invented(text: str) -> None:
    """Every paragraph of a text without markup occurs in it, but for the width of its spaces."""
    try:
        document = _read(text)
    except UnreadableError:
        return
    given_words = " ".join(text.split())
    assert all(" ".join(paragraph.split()) in given_words for paragraph in _body(document))
