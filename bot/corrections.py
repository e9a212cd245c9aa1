"""What an article says of its own corrections. Pure."""

import re
from itertools import islice, pairwise

from index.paragraphs import Span, split_paragraphs, split_sentences

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
# What may stand between the label and its colon: when the correction was made.
_WHEN = (
    rf"(?:[\s,(\[]+(?:(?:on|at|added|appended|issued|posted|published|{_MONTHS}|{_DAYS}"
    r"|\d{1,2}[:.]\d\d|\d{1,4}(?:st|nd|rd|th)?|[ap]\.?m\.?|e[ds]?t|gmt|utc|bst)\b[\s,./)\]]*)+)?"
)
# At the beginning of a paragraph; "Correction officers said" is no label.
_LABEL = re.compile(
    r"\W*(?:corrections?|clarifications?|corrected|erratum)"
    rf"(?:\s+(?:and|&)\s+(?:corrections?|clarifications?))?{_WHEN}\s*(?:[:–—-]|\.(?:\s|$)|$)",
    re.IGNORECASE,
)
_PIECE = r"(?:article|story|report|post|column|page|piece|item|headline|dispatch|caption)"
_SAYS = re.compile(
    rf"\b(?:earlier|previous|prior|original) versions? of (?:this|the|our|a) (?:\w+ )?{_PIECE}\b"
    rf"|\b(?:this|the) (?:[\w.]+ ){{0,3}}{_PIECE}(?:’s|'s)?(?: \w+)? (?:has been|was|is)"
    r"(?: \w+)? (?:corrected|amended|clarified|(?:updated|edited|changed|revised|modified) to"
    r" (?:correct|clarify|fix))\b"
    rf"|\bthis (?:version|{_PIECE}) corrects\b"
    r"|^\W*(?:corrects|refiles to (?:fix|correct))\b",
    re.IGNORECASE,
)


def corrections(text: str) -> tuple[Span, ...]:
    """Where a text tells of its own correction or clarification, in order.

    A paragraph that is labelled so ("Correction, 5 June: …") is one as a whole, and with a
    label alone in it the one behind it. Elsewhere one begins with the sentence that says so
    ("An earlier version of this article said …", "This story was amended …") and goes on to
    the paragraph's end: what was wrong often stands in a sentence of its own.
    """
    found: list[Span] = []
    paragraphs = split_paragraphs(text)
    labelled = [_LABEL.match(text, span.start, span.end) for span in paragraphs]
    alone = [m is not None and m.end() == s.end for m, s in zip(labelled, paragraphs, strict=True)]
    for span, label, (before, here) in zip(
        paragraphs, labelled, pairwise([False, *alone]), strict=True
    ):
        if here:
            continue
        if label is not None or before:
            found.append(span)
        else:
            sentences = split_sentences(text, span.start, span.end)
            says = (s.start for s in sentences if _SAYS.search(text[s.start : s.end]))
            found += [Span(start, span.end) for start in islice(says, 1)]
    return tuple(found)
