"""What is asked: when, of which outlets, whose words, the newest, and in how many parts. Pure.

What is read here limits or orders what is looked for, and a wrong limit hides the answer;
so where a question can be meant in two ways, it is read as having no limit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.dates_asked import DatesAsked, dates_asked
from bot.outlets_asked import Known, outlets_asked
from bot.parts_asked import parts_asked

# Who speaks, when the question is who said something.
WHO = "?"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question asks for beside its topic.

    ``topic`` is the question without the words that limit it to outlets or to a time of
    publication, which no answer need hold. ``speaker`` is whose words are asked for, WHO
    when the question is who said something. ``parts`` are the questions that it is made
    of; none if it is one.
    """

    topic: str
    dates: DatesAsked | None = None
    outlets: tuple[str, ...] = ()
    latest: bool = False
    speaker: str | None = None
    parts: tuple[str, ...] = ()


_LATEST = re.compile(
    r"\b(?:latest|newest|most recent|recent(?:ly)?|lately|current(?:ly)?|today|right now|now|"
    r"so far|to date|up to now|until now|as of (?:today|now)|at the moment|at present|"
    r"these days|nowadays|breaking news)\b(?!['’]s? show)",
    re.IGNORECASE,
)
# Of those, what no answer says itself.
_WHEN_ASKED = re.compile(
    r"\s*\b(?:(?:right )?now|so far|to date|up to now|until now|as of (?:today|now)|"
    r"at the moment|at present|currently|these days|nowadays|recently|lately)\b",
    re.IGNORECASE,
)

_SAY = (
    r"(?:say|said|says|saying|tell|told|think|thinks|claim|claimed|announce[ds]?|warn(?:ed)?|"
    r"argue[ds]?|admit(?:ted)?|deny|denied|promised?|suggest(?:ed)?|explain(?:ed)?|reply|replied|"
    r"respond(?:ed)?|react(?:ed)?|comment(?:ed)?|demand(?:ed)?|declared?|confirm(?:ed)?|"
    r"accused?|blamed?|predict(?:ed)?|criticis(?:e|ed)|criticiz(?:e|ed)|"
    r"propos(?:e|ed)|state|stated|tweet(?:ed)?|mean by|want to say|answer(?:ed)?|ma[kd]e of|"
    r"believe[ds]?|suspect(?:ed)?|describe[ds]?|call(?:ed)?|hold responsible|feel about|remember)"
)
_SUBJECT = r"(?P<who>(?:(?!\b(?:that|which|who|when)\b)[\w’'.-]+\s+){0,6}?[\w’'.-]+)"
_ALSO = r"(?:\s+(?:ever|also|just|recently|really|publicly|once|already|not))*"
_SPEAKERS = (
    re.compile(
        r"\b(?:what|how|why|when|where|whom?|which)(?:\s+[\w’'-]+){0,4}?\s+"
        rf"(?:did|does|do|has|have|had)\s+{_SUBJECT}{_ALSO}\s+{_SAY}\b",
        re.IGNORECASE,
    ),
    re.compile(rf"^(?:did|has|have|does|do|had)\s+{_SUBJECT}{_ALSO}\s+{_SAY}\b", re.IGNORECASE),
    re.compile(
        r"^what(?:['’]s| is| are| was| were)\s+"
        r"(?P<who>(?:[\w’'.-]+\s+){0,5}?[\w.-]+)['’]s?\s+(?:\w+\s+)?"
        r"(?:reactions?|response|views?|opinions?|position|stance|comments?|statements?|answer|"
        r"reply|take|remarks?|claims?|promises?|explanation|argument|version|account|verdict)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:what|which)\s+(?:\w+\s+)?(?:reasons?|explanations?|account|grounds|excuses?)\s+"
        rf"(?:did|does|do|has|have|had)\s+{_SUBJECT}{_ALSO}\s+(?:given?|offer|cite)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bin the (?:view|opinion|words|eyes) of\s+"
        r"(?P<who>(?:[\w’'.-]+\s+){0,4}?[\w’'.-]+)(?=\s*(?:[,?.:;]|$))",
        re.IGNORECASE,
    ),
    re.compile(
        r"\baccording to\s+(?P<who>(?:[\w’'.-]+\s+){0,4}?[\w’'.-]+)(?=\s*(?:[,?.:;]|$))",
        re.IGNORECASE,
    ),
)
_WHO_SAID = re.compile(
    r"^(?:and )?who(?:\s+(?:\w+ly|else|first|has|have|also))*\s+"
    r"(?:said|says|claim(?:ed|s)|accuse[ds]|den(?:ied|ies)|reject(?:ed|s)|dismiss(?:ed|es)|"
    r"confirm(?:ed|s)|warn(?:ed|s)|announce[ds]|called(?! (?:the )?(?:police|ambulance))|told|"
    r"argue[ds]|predict(?:ed|s)|promise[ds]|criticis(?:ed|es)|criticiz(?:ed|es)|blame[ds]|"
    r"praise[ds]|condemn(?:ed|s)|apologi[sz]ed|admit(?:ted|s)|allege[ds]|suggest(?:ed|s)|"
    r"describe[ds]|demand(?:ed|s)|stated|insist(?:ed|s))\b",
    re.IGNORECASE,
)
_HIMSELF = re.compile(r"\s+(?:him|her|it|them)sel(?:f|ves)$", re.IGNORECASE)
_NO_SPEAKER = re.compile(
    r"^(?:i|you|we|he|she|it|they|this|that|these|those|there|anyone|anybody|someone|people)$|"
    r"\b(?:law|report|study|survey|polls?|bill|constitution|treaty|letter|documents?|articles?|"
    r"papers?|newspapers?|media|sources|news|bible|rules?|text|book|film|data|analysis|"
    r"research|figures|estimates?|reports)(?:$|\s+(?:from|by|in|of|on)\b)",
    re.IGNORECASE,
)


def understand(text: str, now: datetime, zone: tzinfo, known: Sequence[Known]) -> Understood:
    """Read a question asked at ``now`` by someone in this time zone. Never raises."""
    question = " ".join(text.split())
    outlets = outlets_asked(question, known)
    # An outlet's name holds no date and nothing latest: USA Today, The Week.
    unnamed = _without(question, outlets.mentions, fill="#")
    dates = dates_asked(unnamed, now, zone, by_outlet=outlets.reporting)
    return Understood(
        topic=_topic(question, dates, outlets.cues, now),
        dates=dates,
        outlets=outlets.names,
        latest=bool(_LATEST.search(unnamed)),
        speaker=_speaker(question, outlets.mentions),
        parts=parts_asked(question),
    )


def _topic(
    question: str,
    dates: DatesAsked | None,
    cues: tuple[tuple[int, int], ...],
    now: datetime,
) -> str:
    places = list(cues)
    limits = dates is not None and any(dates.of_publication(now))
    if dates is not None and limits and (dates.relative or dates.published):
        places.append((dates.start, dates.end))
    left = " ".join(_WHEN_ASKED.sub("", _without(question, places)).split())
    left = re.sub(r"\s+(?=[,.?!:;])", "", left).lstrip(" ,.:;")
    # A question that is nothing but its limits is searched for as it is.
    return left if re.search(r"\w{3}", left) else question


def _without(text: str, places: Sequence[tuple[int, int]], fill: str = "") -> str:
    for start, end in sorted(places, reverse=True):
        text = text[:start] + (fill * (end - start) or " ") + text[end:]
    return text


def _speaker(question: str, outlets: Sequence[tuple[int, int]]) -> str | None:
    if _WHO_SAID.match(question):
        return WHO
    for pattern in _SPEAKERS:
        for found in pattern.finditer(question):
            if any(start < found.end("who") and found.start("who") < end for start, end in outlets):
                continue
            who = re.sub(r"^(?:the|a|an|any)\s+", "", found["who"], flags=re.IGNORECASE)
            who = _HIMSELF.sub("", who)
            if not _NO_SPEAKER.search(who):
                return who
    return None
