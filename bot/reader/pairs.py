"""Pairs of questions written for newsbot, joined to the contexts that they are about.

Each pair asks the same context twice in nearly the same words, and it answers one of the two
(contrast sets: Gardner et al. 2020; questions that look answerable: Rajpurkar et al. 2018).
Two more kinds keep a model from judging by how many words question and context share:
``crossed`` pairs ask in other words than the context what it answers, and in its own words
what it does not; ``asked`` ones are both as somebody asks who has not read it.
The file holds no text of the contexts but the answers: a line names its context by the first
16 hex digits of the SHA-256 of its text without white space around it, and holds lists of
``[question, answer, twin]`` by kind, the twin being the question that is not answered.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.reader.data import Example, read_records

# The sources' names, beside those of the data.
PAIRS, CROSSED, ASKED = KINDS = "pairs", "crossed", "asked"


def context_key(context: str) -> str:
    """What a context is named by in the file of pairs."""
    return hashlib.sha256(context.strip().encode()).hexdigest()[:16]


def read_pairs(path: Path, contexts: Iterable[str]) -> list[Example]:
    """Both questions of each pair as examples. Raises UnreadableError.

    A context that is not among ``contexts``, or lacks the answer, is an error: the pairs
    were written about other data.
    """
    known = {context_key(context): context for context in contexts}
    found = read_records(path, lambda record: _examples(record, known))
    return [example for examples in found for example in examples]


def _examples(record: Mapping[str, object], known: Mapping[str, str]) -> list[Example]:
    key, lists = record["context"], [(kind, record.get(kind, [])) for kind in KINDS]
    if not isinstance(key, str) or key not in known:
        raise ValueError(f"context {key} is not in the training data")
    context = known[key]
    examples = []
    for kind, pairs in lists:
        if not isinstance(pairs, list):
            raise ValueError(f"{kind} is no list")
        for question, answer, twin in (map(str, pair) for pair in pairs):
            place = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", context) if answer else None
            if place is None:
                raise ValueError(f"its context lacks the answer {answer!r}")
            examples.append(Example(question, context, *place.span(), (answer,), kind))
            examples.append(Example(twin, context, -1, -1, (), kind))
    if not examples:
        raise ValueError(f"it has none of {', '.join(KINDS)}")
    return examples
