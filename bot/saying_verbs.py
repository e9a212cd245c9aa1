"""The verbs by which news tells who says what, and what each makes of it. Pure."""

import re
from enum import StrEnum

from bot.quotations import HIDDEN


class Stance(StrEnum):
    """How somebody stands to what they say."""

    SAID = "said"
    CLAIMED = "claimed"
    ACCUSED = "accused"
    DENIED = "denied"
    CONFIRMED = "confirmed"
    WARNED = "warned"


# What follows them need not begin with "that" or a quotation.
_PLAIN = {
    Stance.SAID: "said says say saying insisted insists insist insisting maintained maintains told"
    " tells tell telling",
    Stance.CLAIMED: "claimed claims claim claiming alleged alleges allege alleging",
    Stance.CONFIRMED: "confirmed confirms confirm confirming",
    Stance.WARNED: "warned warns warn",
}
# These tell of speech only before "that", a colon or a quotation, or behind what was said.
_WITH_THAT = (
    "reported reports report added adds add adding explained explains explain wrote writes"
    " announced announces announcing argued argues argue arguing noted notes stated states state"
    " stating stressed stresses estimated estimates estimate admitted admits admit acknowledged"
    " acknowledges suggested suggests suggesting predicted predicts predict promised promises"
    " vowed replied responded concluded concludes complained complains complain complaining"
    " recalled testified declared declares remarked found"
)
_ACCUSE = "accused accuses accuse accusing blamed blames blame blaming"
_DENY = "denied denies deny denying"
_REJECT = (
    "rejected rejects reject rejecting dismissed dismisses dismiss dismissing refuted refutes"
    " refute refuting disputed disputes dispute disputing contradicted contradicts contradict"
)
_CALL = "called calls call calling described describes describe describing branded labelled labeled"

# Forms that are nouns too; without an object of their own they are taken for nouns.
NOUNS = set("claims claim reports report states state notes estimates estimate blame".split())
NOUNS |= set("dispute disputes promises calls call add found".split())
NEED_PLURAL = set("say claim warn report deny reject dismiss accuse allege confirm dispute".split())
# Without one of these an article has no denial.
MAY_DENY = re.compile(
    r"\b(?:den(?:y|ie[sd]|ying)|reject|dismiss|refut|disput|accus|alleg|false|untrue|baseless"
    r"|unfounded|groundless|nonsense|fabricat|nothing to do with)"
)
DENIALS = frozenset(f"{_DENY} {_REJECT}".split())
PARTICIPLES = tuple(
    word
    for words in (*_PLAIN.values(), _WITH_THAT, _ACCUSE, _DENY, _REJECT, _CALL)
    for word in words.split()
    if word.endswith("ing")
)

_FORMS: dict[str, tuple[Stance, str]] = {
    **{form: (stance, "plain") for stance, forms in _PLAIN.items() for form in forms.split()},
    **dict.fromkeys(_WITH_THAT.split(), (Stance.SAID, "that")),
    **dict.fromkeys(_ACCUSE.split(), (Stance.ACCUSED, "accuse")),
    **dict.fromkeys(_DENY.split(), (Stance.DENIED, "deny")),
    **dict.fromkeys(_REJECT.split(), (Stance.DENIED, "reject")),
    **dict.fromkeys(_CALL.split(), (Stance.SAID, "call")),
}
VERB = re.compile(rf"(?<![\w’'-])(?:{'|'.join(sorted(_FORMS, key=len, reverse=True))})(?![\w’'-])")

CLAIM_NOUN = (
    r"(?:claims?|allegations?|accusations?|charges?|reports?|rumou?rs?|assertions?|statements?"
    r"|(?:suggestions?|ideas?|notions?)(?= that)|criticisms?|speculation|insinuations?|accounts?"
    r"|complaints?|versions?|stor(?:y|ies)|findings?|accusers?|figures?|narrative)"
)
FALSE = re.compile(
    r"\b(?:false|untrue|baseless|unfounded|groundless|nonsense|lies?|fabricat(?:ed|ions?)|fake"
    r"|inventions?|invented|absurd|ridiculous|rubbish|propaganda|not true|no truth|incorrect"
    r"|wrong|slander(?:ous)?|defamat\w+|without (?:any )?(?:basis|foundation)|fictions?|hoax"
    r"|disinformation|misinformation|disinformed|preposterous|laughable|nothing to do with)\b",
    re.IGNORECASE,
)
_SOME = r"(?:the|any|all|all the|such|these|those|that|this|his|her|its|their|both|[\w’'-]+[’']s?)"
_ABOUT_A_CLAIM = re.compile(
    rf"\s*(?:{_SOME}\s+)?(?:[\w’'-]+\s+){{0,2}}?{CLAIM_NOUN}\b|\s*(?:this|it)\b(?! (?:is|was)\b)"
)
_CLAIM_NAMED = re.compile(rf"{CLAIM_NOUN}$")
_DENIABLE = re.compile(
    r"\s*(?:that\b|any\b|ever\b|all\b|responsibility|involvement|wrongdoing|knowledge|guilt|being"
    rf"|having|there\b|charges|\w+ing\b|[“\"{HIDDEN}]|the\b|a\b|its\b|their\b|his\b|her\b|{CLAIM_NOUN}"
    r"|it\b|this\b|doing\b)"
)
_NOT_DENIABLE = re.compile(
    r"\s*(?:(?:the|a|an|his|her|its|their|any)\s+)?(?:\w+\s+){0,2}?"
    r"(?:entry|access|bail|permission|permit|visas?|request|appeal|asylum|parole|motion|petition"
    r"|application|service|care|treatment|funding|funds|housing|training|financing|aid|boarding)\b"
)
_CONTENT = re.compile(rf"\s*(?:[^.]{{0,60}}?\bthat\b|[:,]?\s*[“\"«{HIDDEN}]|: )")

# Of these "that" is often left out: "media reported the bridge was closed".
_WITHOUT_THAT = set("reported announced stated noted estimated explained argued added".split())
_CLAUSE = re.compile(
    r"\s+(?!to\b|on\b|in\b)[^,.;“\"]{2,60}?\s"
    r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|did)\b"
)

# Before a bare noun it is no verb: "over alleged plots".
_ALLEGED = re.compile(
    r"\s*(?:[,:“\"«.]|(?:that|the|an?|his|her|its|their|he|she|it|they)\b|[A-Z]\w+ \w+ed\b)"
)


def stance_of(verb: str, sentence: str, after: int) -> Stance | None:
    """What the verb makes of what follows it at ``after`` in the sentence, or None.

    The sentence is the unhidden one: whether "called it …" denies stands in the quotation.
    """
    stance, kind = _FORMS[verb]
    rest = sentence[after:]
    if verb == "alleged" and not _ALLEGED.match(rest):
        return None
    if kind == "plain":
        return _plain(stance, verb, rest)
    if kind == "that":
        clause = verb in _WITHOUT_THAT and _CLAUSE.match(rest)
        return stance if clause or _CONTENT.match(rest) else None
    if kind == "accuse":
        return stance if re.match(r"[^.;]{2,120}? (?:of|for|on)\b", rest) else None
    if kind == "deny":
        return stance if _DENIABLE.match(rest) and not _NOT_DENIABLE.match(rest) else None
    claim = _ABOUT_A_CLAIM.match(rest)
    if kind == "reject":
        judged = re.match(r"[^.;]{2,80}? as (?=[“\"«]|[^.;]{0,40})", rest)
        false = judged and (rest[judged.end() : judged.end() + 1] in '“"«' or FALSE.search(rest))
        return stance if claim or false or rest.lstrip()[:1] in '“"«' else None
    if rest.lstrip()[:1] in '“"«':
        return None
    judged = FALSE.search(rest[:120])
    quoted = re.search('[“"«]', rest)
    if claim and (judged or (quoted and _CLAIM_NAMED.search(claim.group()))):
        return Stance.DENIED
    return stance if quoted else None


# "The claims were false", "that is a lie"; not "that he was wrong".
_WHOLLY_FALSE = re.compile(
    rf"\s*[,:]?\s*(?:that\s+)?(?:(?:{_SOME}\s+)?(?:\w+\s+){{0,2}}?{CLAIM_NOUN}(?:\s+[^.“\"]{{0,40}})?"
    r"|it|this|that)\s+(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:a |an )?"
    rf"(?:\w+\s+)?{FALSE.pattern}(?!\s+(?:to|of|for|about|in)\b)",
    re.IGNORECASE,
)


def _plain(stance: Stance, verb: str, rest: str) -> Stance:
    if _WHOLLY_FALSE.match(rest) or re.search(r"\bhad nothing to do with\b", rest):
        return Stance.DENIED
    return stance
