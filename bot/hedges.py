"""Whether a sentence states a fact or what is only expected, possible or rumoured. Pure."""

import re
from enum import StrEnum


class Hedge(StrEnum):
    """Why a sentence is not to be taken as fact: it is yet to come, or nobody vouches for it."""

    EXPECTED = "expected"
    UNCONFIRMED = "unconfirmed"


_BE = r"(?:is|are|be|been|’s|'s|remains?|seems?|looks?|appears?)"
# "Due to the storm" and "due to its owner" tell a cause and a debt, "due to land" a plan.
_NO_PLAN = r"(?! to (?:the|an?|his|her|its|their|this|that|these|those|bad|poor|lack)\b)"
_EXPECTED = re.compile(
    rf"\b{_BE} (?:now |still |also |widely |now also )?"
    rf"(?:expected|scheduled|slated|set to|poised to|planned|(?:un)?likely|due{_NO_PLAN})\b"
    r"|\bexpected to\b|\bexpects?\b|\blikely to\b|\bunlikely to\b"
)
# "Could be heard" and "could not" tell what was, so does "nobody could".
_COULD = (
    r"(?<!nobody )(?<!no one )(?<!none )(?<!one )(?<!never )(?<!who )"
    r"\bcould (?!(?:not|no longer|barely|hardly|only|see|hear|feel|be (?:seen|heard|felt|read))\b)"
)
# As a verb it is lower-case, even behind a full stop; the month and the name are not.
_POSSIBLE = re.compile(
    r"\bmay (?=[a-z])|(?<!\bits )(?<!\bhis )(?<!\bher )(?<!their )(?<!military )\bmight (?=[a-z])"
    rf"|{_COULD}|\bprobably\b|\bpossibly\b|\bperhaps\b|\b[Pp]resumably\b"
)
_UNCONFIRMED = re.compile(
    r"\b(?:reportedly|allegedly|supposedly|purportedly|apparently|unconfirmed|rumou?red)\b"
    r"|\balleged\b(?! (?:that|on|in|to)\b)|\bsuspected\b"
    r"|\b(?:is|are|was|were|been|be) (?:also |now |still |widely )?"
    r"(?:said|believed|thought|reported|understood|feared|alleged|rumou?red) to\b",
    re.IGNORECASE,
)


def hedge(sentence: str) -> Hedge | None:
    """Why the sentence is not to be taken as fact; None where it is stated as one."""
    if _UNCONFIRMED.search(sentence):
        return Hedge.UNCONFIRMED
    if _EXPECTED.search(sentence):
        return Hedge.EXPECTED
    return Hedge.UNCONFIRMED if _POSSIBLE.search(sentence) else None


def hedged(sentence: str) -> bool:
    """Whether a sentence tells what is only expected, possible or rumoured."""
    return hedge(sentence) is not None
