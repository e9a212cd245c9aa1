"""English irregular verbs: what stemming does not bring together. Pure."""

from index.keywords import terms

# Base form first, then its other forms.
_FORMS = """
arise arose arisen; awake awoke awoken; bear bore borne; beat beaten; become became; begin began
begun; bend bent; bind bound; bite bit bitten; blow blew blown; break broke broken; bring brought;
build built; burn burnt; buy bought; catch caught; choose chose chosen; come came; creep crept;
deal dealt; die death dead died; dig dug; draw drew drawn; drink drank drunk; drive drove driven;
eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; flee fled;
fly flew flown flight; forbid forbade forbidden; forget forgot forgotten; freeze froze frozen;
get got gotten; give gave given; go went gone; grow grew grown growth; hang hung; hear heard;
hide hid hidden; hold held; keep kept; kneel knelt; know knew known; lay laid; lead led; leave left;
lend lent; lie lain; light lit; lose lost loss; make made; mean meant; meet met meeting; pay paid;
prove proven; ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen;
seek sought; sell sold sale; send sent; shake shook shaken; shine shone; shoot shot; show shown;
shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat; sleep slept; speak spoke spoken;
spend spent; spin spun; stand stood; steal stole stolen; stick stuck; strike struck stricken;
strive strove; swear swore sworn; sweep swept; swim swam swum; swing swung; take took taken;
teach taught; tear tore torn; tell told; think thought; throw threw thrown; understand understood;
wake woke woken; wear wore worn; weep wept; win won; withdraw withdrew withdrawn;
write wrote written
"""

_BASE = {
    form: base
    for words in _FORMS.split(";")
    for base, *forms in [[terms(word)[0] for word in words.split()]]
    for form in forms
}


_ALL: dict[str, list[str]] = {}
for _form, _verb in _BASE.items():
    _ALL.setdefault(_verb, [_verb]).append(_form)


def all_forms(base: str) -> list[str]:
    """The stemmed forms of a stemmed base form, itself first; of any other word itself."""
    return list(_ALL.get(base, [base]))


def base_forms(stems: list[str]) -> list[str]:
    """Stemmed words with irregular verb forms replaced by their stemmed base form."""
    return [_BASE.get(stem, stem) for stem in stems]


_PAST = {form for words in _FORMS.split(";") for form in words.split()[1:]} - set(
    "flight meeting growth loss sale death dead".split()
)


def is_verb_form(word: str) -> bool:
    """Whether a word looks like a verb in the past: an irregular form, or one in -ed."""
    lower = word.lower()
    return lower in _PAST or (lower.endswith("ed") and len(lower) > 4)
