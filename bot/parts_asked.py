"""A question of two parts as two questions, each understandable by itself. Pure.

Also what makes a question that leans on an earlier one stand alone: a follow-up leans on
the question before it as a second part on the first.
"""

import re

from bot.verbs import is_verb_form

_ADVERB = r"(?:when|where|why|how)"
_AUXILIARY = (
    r"(?:did|does|do|was|were|is|are|has|have|had|will|would|can|could|should|may|might|must)"
)
_WH = (
    rf"(?:(?:by|for|to|with|from|in|at|on|of|since|until)\s+)?"
    rf"(?:{_ADVERB}\s+(?:many|much|long|old|far|big|large|high|tall|often|strong|bad)\b"
    rf"(?:\s+(?!{_AUXILIARY}\b)\w+)?|{_ADVERB}|who|whom|whose\s+\w+|what\s+(?!{_AUXILIARY}\b)\w+|"
    rf"which\s+(?!{_AUXILIARY}\b)\w+|what|which)"
)
_I = re.IGNORECASE

_TWO_SENTENCES = re.compile(r"^(?P<first>[^?]+)\?\s*(?:and\s+)?(?P<second>[^?]+)\?*$", _I)
_ADVERBS = re.compile(
    rf"^(?P<one>{_ADVERB})\s*(?:and|or|,)\s*(?P<other>{_ADVERB})\s+(?P<rest>{_AUXILIARY}\s.+)$", _I
)
_TAIL = re.compile(
    rf"^(?P<first>.+?),?\s+and\s+(?P<wh>{_ADVERB}(?:\s+(?:many|much|long|often))?|"
    r"(?:by|for|to|with|from|in|at|on|since|until)\s+(?:how|what|which|whom)\b(?:\s+\w+){0,2})$",
    _I,
)
_CLAUSES = re.compile(rf"^(?P<first>.+?),?\s+and\s+(?P<second>{_WH}\s+\S.*)$", _I)
_ASKS = re.compile(rf"^(?:{_WH}|{_AUXILIARY})\b", _I)
_SUBJECT = re.compile(r"^(?:who|what|which\s+\w+|how\s+(?:many|much)\s+\w+)\s+(?P<rest>.+)$", _I)
_FRONTED = re.compile(rf"^(?:{_WH})\s+(?P<auxiliary>{_AUXILIARY})\s+(?P<rest>(?!\w+ed\b).+)$", _I)

_THAN = re.compile(
    r"^(?:did|does|do|has|have|are|were|is|was|will)\s+(?:(?P<who>.+?)\s+(?P<verb>\S+)\s+)?"
    r"(?:more|fewer|less)\s+(?P<of>\w+)\s+(?:(?P<does>.+?)\s+)?than\s+(?P<other>.+)$",
    _I,
)
_PLACE = re.compile(r"^(?P<verb>.+?)\s+(?P<at>in|at|on|from|by|for)\s+(?P<one>.+)$", _I)
_WHICH_IS = re.compile(
    r"^(?:which|who|what)\s+(?:\w+\s+)?(?P<is>is|was|are|were)\s+"
    r"(?:more\s+(?P<long>\w+)|(?P<short>\w+er)),?\s+(?P<one>.+?),?\s+or\s+(?P<other>.+)$",
    _I,
)
_WHO_MORE = re.compile(
    r"^(?:who|which(?:\s+\w+)?|what(?:\s+\w+)?)\s+(?P<verb>\w+)\s+(?:the\s+)?"
    r"(?:more|most|fewer|less)\s+(?P<of>\w+),?\s*[,:]\s*(?P<one>.+?),?\s+or\s+(?P<other>.+)$",
    _I,
)
_IRREGULAR = {"better": "good", "worse": "bad", "further": "far", "older": "old", "elder": "old"}

# In "is it safe to swim" it stands for nothing.
_IT = re.compile(r"\b(?P<word>its|it(?!\s+(?:\w+\s+){1,2}(?:to|that)\b))\b", _I)
_THEY = re.compile(r"\b(?P<word>their|them|they|those|these)\b", _I)
_PERSON = re.compile(r"\b(?P<word>hers|his|him|her|he|she)\b", _I)
_POSSESSIVE = {"its", "their", "his", "hers", "her"}
_NAME = re.compile(
    r"(?<!^)\b[A-Z][\w’'.-]*(?:\s+(?:(?:of|the|de|von|der|van|al|bin)\s+)*[A-Z0-9][\w’'.-]*)*"
)
_DETERMINED = re.compile(r"\b(?P<the>the|a|an|this|that|these|those)\s+(?P<words>[^?.,;:()]+)", _I)
_NOUN_ENDS = re.compile(
    r"^(?:in|on|at|to|for|from|by|with|of|and|or|that|which|who|when|where|after|before|since|"
    r"during|over|under|into|about|against|as|if|because|yesterday|today|last|this|is|are|was|"
    r"were|has|have|had|did|does|do|will|be|been|not)$",
    _I,
)
# Verbs that end a noun phrase in "when did the train derail"; as its first word they are nouns.
_VERBS = re.compile(
    r"^(?:take|begin|start|end|happen|derail|break|collapse|cost|open|close|crash|sink|affect|"
    r"say|mean|cause|work|live|die|win|lose|leave|go|come|fall|rise|change|stop|fail|cut|"
    r"kill|hit|become|get|make|want|need|plan|vote|decide|erupt|return|move|land|run)s?$",
    _I,
)
_IN_PLACE = re.compile(
    r"\b(?:in|at|near|on)\s+(?:the\s+)?[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*"
    r"(?:\s+(?:yesterday|today|last \w+|this \w+))?"
)


def parts_asked(question: str) -> tuple[str, ...]:
    """The questions that a question consists of, in order; none if it is only one."""
    text = " ".join(question.split()).rstrip("?!. ")
    if found := _TWO_SENTENCES.match(f"{text}?"):
        first, second = found["first"].strip(), found["second"].strip()
        if _ASKS.match(first) and _ASKS.match(second):
            return _asked(first), _asked(standing_alone(second, first))
        return ()
    if compared := _compared(text):
        return compared
    if found := _ADVERBS.match(text):
        return _asked(f"{found['one']} {found['rest']}"), _asked(
            f"{found['other']} {found['rest']}"
        )
    if not _ASKS.match(text):
        return ()
    if found := _TAIL.match(text):
        if re.match(_WH, found["first"], _I) and " " in found["first"]:
            return _asked(found["first"]), _asked(with_other_word(found["wh"], found["first"]))
        return ()
    if (found := _CLAUSES.match(text)) and " " in found["first"]:
        if re.match(rf"^(?:what|which)\s+(?:{_ADVERB}|who|what)\b", found["second"], _I):
            return ()
        second = _with_its_noun(found["second"], found["first"])
        return _asked(found["first"]), _asked(standing_alone(second, found["first"]))
    return ()


def _asked(text: str) -> str:
    text = " ".join(text.split()).rstrip("?!., ")
    return f"{text[:1].upper()}{text[1:]}?"


def with_other_word(wh: str, question: str) -> str:
    """The question asked with another question word: "why" and "who left?" to why they left."""
    text = " ".join(question.split()).rstrip("?!. ")
    fronted = _FRONTED.match(text)
    # In "who was arrested" the question word is the subject, in "who did they arrest" not.
    if fronted and not re.match(r"(?:who|what)\s+(?!(?:did|does|do)\b)", text, _I):
        return f"{wh} {fronted['auxiliary']} {fronted['rest']}"
    found = _SUBJECT.match(text)
    if found is None:
        return f"{wh} {text}"
    rest = found["rest"]
    who = "they"
    if noun := re.match(r"(?:which|how (?:many|much))\s+(\w+)", text, _I):
        who = f"the {noun[1]}"
    if auxiliary := re.match(rf"(?P<word>{_AUXILIARY})\s+(?P<rest>.+)$", rest, _I):
        word = {"was": "were", "is": "are", "has": "have"}.get(
            auxiliary["word"].lower(), auxiliary["word"]
        )
        return f"{wh} {word} {who} {auxiliary['rest']}"
    # Needs no other form of the verb.
    return f"{wh} was it that {who} {rest}"


def _with_its_noun(second: str, first: str) -> str:
    """ "How many were hurt" with the noun that the first part counted."""
    counted = re.match(r"how (?:many|much)\s+(\w+)", first, _I)
    bare = re.match(rf"(how (?:many|much))\s+({_AUXILIARY}\b.*|\w+ed\b.*)", second, _I)
    if counted and bare and not re.match(r"(?:did|does|do)\b", bare[2], _I):
        return f"{bare[1]} {counted[1]} {bare[2]}"
    return second


def standing_alone(question: str, earlier: str) -> str:
    """A second part with what it points to in the first, or what the first is about behind it."""
    text = question.strip().rstrip("?!. ")
    resolved = with_nouns(text, earlier)
    if resolved != text or _IT.search(text) or _THEY.search(text) or _NAME.search(text):
        return resolved
    names = [m[0] for m in _NAME.finditer(earlier)]
    nouns = noun_phrases(earlier)
    if place := _IN_PLACE.search(earlier):
        about = place[0]
    elif names or nouns:
        about = f"of {(names or nouns)[0]}"
    else:
        return text
    return text if about.split(" ", 1)[1].lower() in text.lower() else f"{text} {about}"


def with_nouns(question: str, earlier: str, person: str | None = None) -> str:
    """A question with nouns of an earlier one in place of its first pronoun, if any fits.

    ``person`` is whom "he", "she" and, where no thing was named, "they" mean, if known.
    """
    names, nouns = [m[0] for m in _NAME.finditer(earlier)], noun_phrases(earlier)
    plural = [n for n in nouns if n.lower().endswith("s")]
    for pattern, meant in (
        (_IT, [*nouns, *names]),
        (_THEY, [person] if person else plural),
        (_PERSON, [person] if person else [*names, *nouns]),
    ):
        found = pattern.search(question)
        if found and meant:
            behind = question[found.end() :]
            word, whose = meant[0], found["word"].lower()
            # "Her" before a noun is whose, otherwise whom.
            if whose in _POSSESSIVE and (whose != "her" or re.match(r"\s+\w", behind)):
                word += "’s"
            return f"{question[: found.start()]}{word}{behind}"
    return question


def noun_phrases(question: str) -> list[str]:
    """What is named with an article in a question: the article and the words up to a verb."""
    which = re.match(r"(?:which|what)\s+(?:of\s+)?(?P<noun>\w+)", question, _I)
    found = []
    if which and not re.match(rf"{_AUXILIARY}\b|caused|happened|of\b", which["noun"], _I):
        found.append(f"the {which['noun']}")
    for match in _DETERMINED.finditer(question):
        words: list[str] = []
        for word in match["words"].split():
            if _NOUN_ENDS.match(word) or (words and (is_verb_form(word) or _VERBS.match(word))):
                break
            words.append(word)
        if words:
            found.append(" ".join((match["the"], *words)))
    return found


def _compared(text: str) -> tuple[str, ...]:
    """Both sides of a comparison, each asked for its own figure."""
    if found := _WHICH_IS.match(text):
        word = (found["long"] or _positive(found["short"])).lower()
        return tuple(_asked(f"how {word} {found['is']} {found[side]}") for side in ("one", "other"))
    if found := _WHO_MORE.match(text):
        how = _how(found["of"])
        return tuple(
            _asked(f"{how} did {found[side]} {found['verb']}") for side in ("one", "other")
        )
    found = _THAN.match(text)
    if found is None:
        return ()
    how = _how(found["of"])
    if found["who"] and not found["does"]:
        return tuple(
            _asked(f"{how} did {side} {found['verb']}") for side in (found["who"], found["other"])
        )
    place = _PLACE.match(found["does"] or "")
    if found["who"] or place is None:
        return ()
    other = found["other"]
    if not re.match(rf"{place['at']}\s", other, _I):
        other = f"{place['at']} {other}"
    return (
        _asked(f"{how} {place['verb']} {place['at']} {place['one']}"),
        _asked(f"{how} {place['verb']} {other}"),
    )


def _how(noun: str) -> str:
    many = noun.lower().endswith("s") or noun.lower() in ("people", "men", "women", "children")
    return f"how {'many' if many else 'much'} {noun}"


def _positive(comparative: str) -> str:
    """ "Tall" from "taller", "big" from "bigger", "heavy" from "heavier"."""
    word = comparative.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    stem = word[:-2]
    if stem.endswith("i"):
        return stem[:-1] + "y"
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "ls":
        return stem[:-1]
    return stem + "e" if stem in ("larg", "saf", "strang", "wid", "clos", "lat", "nic") else stem
