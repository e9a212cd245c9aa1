"""Who says a sentence, by the verbs, quotation marks and pronouns of its paragraph. Pure.

Rules in place of a parser: somebody is named only where the words around a verb of saying
leave no doubt, and as the article names him, word for word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.noun_phrases import ADVERB, PRONOUN, is_adverbial, named, noun_phrase, pieces, subject
from bot.quotations import HIDDEN, masked, quotations
from bot.saying_verbs import (
    DENIALS,
    FALSE,
    NEED_PLURAL,
    NOUNS,
    PARTICIPLES,
    VERB,
    Stance,
    stance_of,
)
from index.paragraphs import Span, split_sentences

# Between somebody and the verb, besides what every adverb may be.
_BETWEEN = re.compile(
    r"(?:\s+|^)(?:has|have|had|also|later|then|again|still|now|since|already|once|always|all|both"
    rf"|repeatedly|further|first|earlier|{ADVERB}|yesterday|today|(?:was|were|is|are) quick to|moved to"
    r"|(?:continued|continues|continue|went on) to|this week|in turn"
    r"|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)$"
)
_BE = re.compile(r"\b(?:is|are|was|were|been|be|being|gets?|got)$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|nor|neither|cannot|\w+n[’']t|to|would|may|might|could|can|will|must|should|did"
    r"|does|do|if|without|by|and|or|before|after|while|when)$",
    re.IGNORECASE,
)
_NOT_EARLIER = re.compile(r"\b(?:neither|refused to|declined to|failed to|did not|has not)\b")
_IF = re.compile(r"^\W*(?:if|unless|should|whether)\b", re.IGNORECASE)
# Where a clause of its own begins inside a sentence.
_BOUNDARY = re.compile(
    rf";|:(?=\s)|,?\s(?:but|while|although|whereas)\b|,\s(?:and|or|which|who|so)\b|\s[–—-]{{1,2}}\s"
    rf"|\b(?:a|an|another) (?:claim|charge|allegation|accusation|suggestion|version)(?: that| which)?"
    rf"(?=\s)|\bsomething(?: that| which)?(?=\s)|{HIDDEN}[”\"»]?,?(?=\s)|\sthat\b"
)
_AND = re.compile(r"\sand\b")
_DOES = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|did|\w{3,}ed)\b")
# What may stand behind the verb at the end of a sentence and says nothing of the matter.
_AFTERWARDS = re.compile(
    r"(?:\s+(?:on|in|at|during|after|before|through|via|from|by|late|early|this|last|yesterday|today"
    r"|earlier|later|again|when|as|to|following)\b[^,;:]{0,60})?(?:,[^”\"]{0,80})?[.!]?[”\"»]?$"
)
_TOLD = re.compile(rf"\s+(?!.*\bthat\b)[^,.;:{HIDDEN}“\"]{{2,50}}[.!]?$")
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+")
_INVERTED = re.compile(rf"\s+([^,.;:{HIDDEN}“\"]{{2,90}})(?=[,.;]|[”\"]?$)")


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody says something in ``text[start:end]`` of a paragraph.

    ``speaker`` is who, by the paragraph's words, or None where they do not tell; ``subject``
    what the clause itself has for him, such as "it". ``said`` is where what is said begins
    and ends, ``outer`` that all of the sentence is said, and not a clause of it.
    """

    stance: Stance
    speaker: str | None
    subject: str
    start: int
    end: int
    said: Span
    outer: bool = False


def sayings(paragraph: str) -> tuple[Saying, ...]:
    """Everything that is said in a paragraph, in order; sentences without any are left out."""
    quoted = quotations(paragraph)
    hidden = masked(paragraph, quoted)
    if not VERB.search(hidden) and not _ACCORDING.search(hidden):
        return ()
    found: list[Saying] = []
    acted: list[Span] = []
    for sentence in split_sentences(paragraph, 0, len(paragraph)):
        does = subject(hidden, sentence.start, sentence.end)
        of_sentence = list(_of_sentence(paragraph, hidden, sentence, does, acted))
        if not of_sentence and _is_quoted(hidden, sentence):
            of_sentence = _going_on(paragraph, hidden, sentence, quoted, found)
        found += of_sentence
        if does is not None and not any(
            s.subject == paragraph[does.start : does.end] for s in found
        ):
            acted.append(does)
        acted += [_place(paragraph, s) for s in of_sentence if s.subject]
    return tuple(found)


def saying_of(paragraph: str, start: int, end: int) -> Saying | None:
    """Who says the sentence ``paragraph[start:end]`` as a whole, or else its first clause."""
    inside = [s for s in sayings(paragraph) if start <= s.start < end]
    outer = [s for s in inside if s.outer]
    return outer[-1] if outer else inside[0] if inside else None


def _place(paragraph: str, saying: Saying) -> Span:
    words = saying.speaker or saying.subject
    at = paragraph.find(words)
    return Span(at, at + len(words))


def _is_quoted(hidden: str, sentence: Span) -> bool:
    """Whether all of a sentence is inside quotation marks."""
    return not re.search(r"\w", hidden[sentence.start : sentence.end])


def _going_on(
    paragraph: str,
    hidden: str,
    sentence: Span,
    quoted: tuple[Span, ...],
    found: list[Saying],
) -> list[Saying]:
    """A sentence that is nothing but quotation, of whoever speaks before or behind it."""
    own = next((q for q in quoted if q.start < sentence.end and sentence.start < q.end), None)
    if own is None:
        return []
    said = Span(sentence.start, sentence.end)
    if own.end > sentence.end:
        # The quotation goes on, and may be followed by whose it is.
        for after in split_sentences(paragraph, sentence.end, len(paragraph)):
            speaks = [s for s in _of_sentence(paragraph, hidden, after, None, []) if s.outer]
            if speaks and after.start < own.end:
                return [_again(speaks[-1], said)]
            if after.start >= own.end:
                break
    if found and quoted[0].start < sentence.start:
        before = found[-1]
        # Only the sentence right before it, and only if that one quotes too.
        between = hidden[before.end : sentence.start]
        quotes = any(q.start < before.end and q.end > before.start for q in quoted)
        if quotes and not re.search(r"\w", between):
            return [_again(before, said)]
    return []


def _again(saying: Saying, said: Span) -> Saying:
    stance = Stance.SAID if saying.stance is not Stance.DENIED else Stance.DENIED
    return Saying(stance, saying.speaker, "", said.start, said.end, said, outer=True)


def _of_sentence(
    paragraph: str, hidden: str, sentence: Span, does: Span | None, acted: list[Span]
) -> Iterator[Saying]:
    start, end = sentence.start, sentence.end
    if _IF.match(hidden[start:end]):
        return
    source = _according(paragraph, hidden, sentence, acted)
    if source is not None:
        yield source
    last = start
    for verb in VERB.finditer(hidden, start, end):
        if verb.start() < last or (source and source.start <= verb.start() < source.said.start):
            continue
        if does is not None and does not in acted and does.end < verb.start() - 12:
            acted = [*acted, does]
        made = _by_verb(paragraph, hidden, sentence, verb, acted)
        if made is not None:
            last = verb.end()
            if made.outer and made.subject in hidden[verb.end() : end]:
                last = hidden.find(made.subject, last) + len(made.subject)
            acted = [*acted, *([_place(paragraph, made)] if made.subject else [])]
            yield made


def _according(paragraph: str, hidden: str, sentence: Span, acted: list[Span]) -> Saying | None:
    at = _ACCORDING.search(hidden, sentence.start, sentence.end)
    if at is None:
        return None
    stop = re.compile(r",\s|[.;]\W*$|$").search(hidden, at.end(), sentence.end)
    until = stop.start() if stop else sentence.end
    phrase = noun_phrase(hidden, at.end(), until)
    if phrase is None:
        return None
    first = not re.search(r"\w", hidden[sentence.start : at.start()])
    said = Span(until, sentence.end) if first else Span(sentence.start, at.start())
    return Saying(
        Stance.SAID,
        named(paragraph, phrase, acted),
        paragraph[phrase.start : phrase.end],
        sentence.start,
        sentence.end,
        said,
        outer=True,
    )


def _by_verb(
    paragraph: str, hidden: str, sentence: Span, verb: re.Match[str], acted: list[Span]
) -> Saying | None:
    stance = stance_of(verb.group(), paragraph[: sentence.end], verb.end())
    inverted = _behind(hidden, sentence, verb)
    if inverted is not None:
        phrase, said = inverted, Span(sentence.start, verb.start())
        return _made(
            paragraph,
            Stance.SAID if stance is None else stance,
            phrase,
            sentence,
            said,
            acted,
            outer=True,
        )
    before, passive = _without_between(hidden, sentence.start, verb.start())
    if passive:
        return _passive(paragraph, hidden, sentence, verb, acted)
    if _NOT.search(hidden[sentence.start : before]) or _NOT_EARLIER.search(
        hidden[max(sentence.start, verb.start() - 60) : verb.start()]
    ):
        return None
    begin = _clause_start(hidden, sentence.start, before)
    if verb.group() in PARTICIPLES:
        phrase_or_none = _of_participle(hidden, sentence, verb)
        last = False
    else:
        # After "was quick to" a verb has no number.
        form = "" if re.search(r"\bto\s+$", hidden[before : verb.start()]) else verb.group()
        phrase_or_none = _before(hidden, begin, before, form)
        last = _ends(hidden, sentence, verb, begin)
    if phrase_or_none is None:
        return None
    if verb.group() in DENIALS and _RELATIVE.search(hidden[sentence.start : phrase_or_none.start]):
        # "…, which the firm denies": what stands before it.
        clause = Span(phrase_or_none.start, _clause_end(hidden, verb.end(), sentence.end))
        said = Span(verb.end(), verb.end())
        return _made(paragraph, Stance.DENIED, phrase_or_none, clause, said, acted)
    if last and verb.group() not in DENIALS:
        return _made(
            paragraph,
            stance or Stance.SAID,
            phrase_or_none,
            sentence,
            Span(sentence.start, phrase_or_none.start),
            acted,
            outer=True,
        )
    if stance is None:
        return None
    clause_end = _clause_end(hidden, verb.end(), sentence.end)
    clause = Span(min(begin, phrase_or_none.start), clause_end)
    return _made(paragraph, stance, phrase_or_none, clause, Span(verb.end(), clause_end), acted)


def _made(
    paragraph: str,
    stance: Stance,
    phrase: Span,
    clause: Span,
    said: Span,
    acted: list[Span],
    *,
    outer: bool = False,
) -> Saying:
    words = paragraph[phrase.start : phrase.end]
    if stance in (Stance.SAID, Stance.CLAIMED) and _is_short_denial(
        paragraph[said.start : said.end]
    ):
        stance = Stance.DENIED
    return Saying(
        stance, named(paragraph, phrase, acted), words, clause.start, clause.end, said, outer
    )


_DENIES = re.compile(
    r"^\W*(?:that )?(?:we|i) (?:\w+ly )?(?:deny|reject|dispute|dismiss)\b"
    rf"|^\W*(?:that )?(?:this|that|it|these|those)(?:[’']s| (?:\w+ )?(?:is|are|was|were)) (?:\w+ly )?"
    rf"(?:a |an )?(?:\w+ )?{FALSE.pattern}",
    re.IGNORECASE,
)


def _is_short_denial(said: str) -> bool:
    return bool(_DENIES.search(said))


_INVERTS = set(
    "said says wrote writes added adds argued argues explained explains noted notes reported reports"
    " recalled announced admitted concluded insisted insists warned warns claimed claims stated"
    " replied remarked complained predicted".split()
)


_BEGINS_A_NAME = re.compile(r"[A-Z]|(?:the|an?|his|her|its|their|one|two|officials|police)\b")


def _behind(hidden: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """Who speaks where the verb stands between what is said and him: ``"…," said Ann.``"""
    before = hidden[sentence.start : verb.start()].rstrip()
    if not before.endswith(("”", '"', "»", ",", "’")) or verb.group() not in _INVERTS:
        return None
    match = _INVERTED.match(hidden[: sentence.end], verb.end())
    if match is None:
        return None
    words = match.group(1)
    for stop in (
        r"\s(?:on|in a|in an|during|as|after|before|while|when|at a|at the|late|early)\b",
    ):
        cut = re.search(stop, words)
        words = words[: cut.start()] if cut else words
    if _DOES.search(re.split(r"\b(?:who|which)\b", words)[0]) or words.split()[0] in ("that", "it"):
        return None
    if before.endswith(",") and not _BEGINS_A_NAME.match(words):
        return None
    phrase = noun_phrase(hidden, match.start(1), match.start(1) + len(words))
    if phrase is None or (PRONOUN.match(words.split()[0]) and len(words.split()) > 1):
        return None
    return phrase


def _without_between(hidden: str, start: int, end: int) -> tuple[int, bool]:
    """Where what stands between somebody and the verb begins; whether the verb is passive."""
    while True:
        before = hidden[start:end].rstrip()
        end = start + len(before)
        # Before adverbs are taken away, so that "is quick to" is not taken for "is".
        between = _BETWEEN.search(before)
        if between is None:
            return end, bool(_BE.search(before))
        end = start + between.start()


def _clause_start(hidden: str, start: int, end: int) -> int:
    found = start
    for boundary in _BOUNDARY.finditer(hidden, start, end):
        found = boundary.end()
    for boundary in _AND.finditer(hidden, found, end):
        if _DOES.search(hidden[found : boundary.start()].rpartition(", ")[2]):
            found = boundary.end()
    return found


_RELATIVE = re.compile(
    r"(?:\b(?:which|something(?: that| which)?|an? (?:\w+ )?(?:claim|charge|allegation|accusation"
    r"|suggestion|version)s?(?: that| which)?))\s+$"
)
_ENDS_CLAUSE = re.compile(
    r";|,\s(?:but|while|although|whereas|which|a claim|a charge|an allegation|an accusation"
    r"|something)\b"
)


def _clause_end(hidden: str, start: int, end: int) -> int:
    found = _ENDS_CLAUSE.search(hidden, start, end)
    return found.start() if found and not _is_open(hidden, found.start(), end) else end


def _is_open(hidden: str, at: int, end: int) -> bool:
    """Whether nothing but a quotation follows, as in "X rejects it; “We never did.”"."""
    return hidden[at] == ";" and not re.search(r"\w", hidden[at:end])


def _before(hidden: str, begin: int, end: int, verb: str) -> Span | None:
    """Who speaks where he stands before the verb."""
    text = hidden[begin:end]
    parts = list(pieces(hidden, begin, end))
    aside = hidden[end - 1 : end] == "," if end > begin else False
    if aside:
        relative = re.search(r",\s(?:which|who)\b", hidden[:end])
        start = begin
        if relative and relative.end() >= begin - 6:
            start = _clause_start(hidden, _sentence_start(hidden, begin), relative.start())
            parts = list(pieces(hidden, start, end))
        for part in parts:
            if not is_adverbial(hidden[part.start : part.end]):
                phrase = noun_phrase(hidden, part.start, part.end)
                return phrase and _agreeing(hidden, phrase, verb)
        return None
    if not text.strip():
        return None
    last = parts[-1]
    if len(parts) > 1 and " and " in hidden[last.start : last.end]:
        listed = all(
            re.fullmatch(r"(?:[A-Z][\w’'-]*\s?)+", hidden[p.start : p.end]) for p in parts[:-1]
        )
        last = Span(parts[0].start, last.end) if listed else last
    phrase = noun_phrase(hidden, last.start, last.end)
    return phrase and _agreeing(hidden, phrase, verb)


def _sentence_start(hidden: str, at: int) -> int:
    cut = max(hidden.rfind(mark, 0, at) for mark in (". ", "! ", "? ", "” "))
    return cut + 2 if cut >= 0 else 0


_QUANTITY = re.compile(r"(?:several|some|many|all|both|two|three|four|five|one)", re.I)
_SINGULAR = re.compile(r"(?:the|an?|this|that|his|her|its|their|no|any|every)\s", re.IGNORECASE)


def _agreeing(hidden: str, phrase: Span, verb: str) -> Span | None:
    """The phrase, unless the verb is rather a noun behind it: "the reports", "false claims"."""
    words = hidden[phrase.start : phrase.end]
    if verb in ("accused", "alleged") and _QUANTITY.fullmatch(words):
        return None
    if verb in NOUNS and (
        (words.islower() and " " not in words)
        or re.fullmatch(
            r"(?:The|An?|This|That|These|Those|His|Her|Its|Their|No|Any|Such|Some|All)", words, re.I
        )
    ):
        return None
    last = words.split()[-1]
    if verb in NEED_PLURAL and _SINGULAR.match(words) and not last.endswith("s"):
        if not re.search(r"\b(?:police|people|men|women|and|forces)\b|s\b", words):
            return None
    return phrase


def _ends(hidden: str, sentence: Span, verb: re.Match[str], begin: int) -> bool:
    """Whether what is said stands before: "The road is shut, the council said on Friday." """
    if begin <= sentence.start and "," not in hidden[sentence.start : verb.start()]:
        return False
    rest = hidden[verb.end() : sentence.end]
    quiet = _AFTERWARDS.fullmatch(rest) or (
        verb.group() in ("told", "tells") and _TOLD.fullmatch(rest)
    )
    if not quiet:
        return False
    ahead = hidden[sentence.start : begin]
    last = hidden.rfind(",", sentence.start, verb.start())
    clause = hidden[sentence.start : max(last, sentence.start)]
    return HIDDEN in ahead or bool(_DOES.search(clause)) or len(clause.split()) > 3


def _of_participle(hidden: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """Who acts in the sentence of "…, saying that"."""
    if not re.search(r",\s+(?:\w+ly\s+)?$|\band\s+$", hidden[sentence.start : verb.start()]):
        return None
    begin = _clause_start(hidden, sentence.start, hidden.rfind(",", 0, verb.start()))
    return subject(hidden, begin, verb.start())


_BY = re.compile(
    r"[^.;]{0,80}?\bby\s+([^,.;]+?)(?=\s(?:of|that|for)\s\w+ing\b|\s(?:of|as)\s|\sthat\s|,|\.|$)"
)


def _passive(
    paragraph: str, hidden: str, sentence: Span, verb: re.Match[str], acted: list[Span]
) -> Saying | None:
    accused = verb.group() in ("accused", "blamed")
    if not accused and verb.group() not in ("claimed", "alleged", "reported", "denied", "rejected"):
        return None
    agent = _BY.match(hidden, verb.end(), sentence.end)
    phrase = noun_phrase(hidden, agent.start(1), agent.end(1)) if agent else None
    if phrase is None and not (accused and re.match(r"\s+of\b", hidden[verb.end() : sentence.end])):
        return None
    end = _clause_end(hidden, verb.end(), sentence.end)
    after = agent.end() if agent and phrase else verb.end()
    stance = stance_of(verb.group(), paragraph[: sentence.end], after) if not accused else None
    return Saying(
        Stance.ACCUSED if accused else stance or Stance.SAID,
        named(paragraph, phrase, acted) if phrase else None,
        paragraph[phrase.start : phrase.end] if phrase else "",
        sentence.start,
        end,
        Span(after, end),
    )
