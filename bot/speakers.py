"""Who says a sentence, by the verbs, quotation marks and pronouns of its paragraph. Pure.

Rules in place of a parser: somebody is named only where the words around a verb of saying
leave no doubt, and as the article names him, word for word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.clauses import voice
from bot.noun_phrases import named, noun_phrase, subject
from bot.quotations import masked, quotations
from bot.saying_verbs import DENIALS, FALSE, VERB, Stance, stance_of
from index.paragraphs import Span, split_sentences

_IF = re.compile(r"^\W*(?:if|unless|should|whether)\b", re.IGNORECASE)
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+")
_SOURCE_ENDS = re.compile(r",\s|[.;]\W*$|$")
# In the speaker's own words: "We reject this", "That is a lie".
_DENIES = re.compile(
    r"^\W*(?:that )?(?:we|i) (?:\w+ly )?(?:deny|reject|dispute|dismiss)\b"
    r"|^\W*(?:that )?(?:this|that|it|these|those)(?:[’']s| (?:\w+ )?(?:is|are|was|were))"
    rf" (?:\w+ly )?(?:a |an )?(?:\w+ )?{FALSE.pattern}(?=\W*$|[,.;!”\"])",
    re.IGNORECASE,
)
# So near to its verb, who acts in the sentence is who speaks, and no earlier one.
_NEAR_VERB = 12


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


@lru_cache(maxsize=4096)
def sayings(paragraph: str) -> tuple[Saying, ...]:
    """Everything that is said in a paragraph, in order; sentences without any are left out.

    Kept for the paragraphs read last, which one answer looks at more than once.
    """
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
        if does is not None and does not in acted and does.end < verb.start() - _NEAR_VERB:
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
    stop = _SOURCE_ENDS.search(hidden, at.end(), sentence.end)
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
    found = voice(hidden, sentence, verb)
    if found is None:
        return None
    stance = _stance(paragraph[: sentence.end], verb, found.said, found.outer, found.passive)
    if stance is None:
        return None
    phrase = found.phrase
    return Saying(
        stance,
        named(paragraph, phrase, acted) if phrase else None,
        paragraph[phrase.start : phrase.end] if phrase else "",
        found.clause.start,
        found.clause.end,
        found.said,
        found.outer,
    )


def _stance(
    text: str, verb: re.Match[str], said: Span, outer: bool, passive: bool
) -> Stance | None:
    """How the speaker stands to what is said; None where the verb is none of saying there."""
    word = verb.group()
    if passive:
        accuses = word in ("accused", "blamed")
        return Stance.ACCUSED if accuses else stance_of(word, text, said.start) or Stance.SAID
    if word in DENIALS and said.start == said.end:
        return Stance.DENIED
    stance = stance_of(word, text, verb.end()) or (Stance.SAID if outer else None)
    if stance in (Stance.SAID, Stance.CLAIMED) and _DENIES.search(text[said.start : said.end]):
        return Stance.DENIED
    return stance
