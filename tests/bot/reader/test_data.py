"""Reading the data, choosing by worth, and making near misses."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bot.reader.data import (
    SENTENCES,
    WORTH,
    Example,
    choose,
    counts,
    read,
    read_sentences,
    worths,
)
from bot.reader.negatives import beside, near_misses, opposite, renamed
from bot.reader.pairs import KINDS
from index.errors import UnreadableError
from tests.shared import shared


def record(**changed: object) -> dict[str, object]:
    return {
        "question": " who won? ",
        "context": "Ann won the cup.",
        "answer": "Ann",
        "answer_start": 0,
        "answers": ["Ann won", "Ann"],
        "source": "squad",
    } | changed


def written(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "train.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(r) + "\n" for r in records)
    return path


def example(source: str, number: int = 0, answerable: bool = True) -> Example:
    context = f"{number} stands first."
    if answerable:
        return Example("what?", context, 0, len(str(number)), (str(number),), source)
    return Example("what?", context, -1, -1, (), source)


def test_read_gives_answers_by_characters(tmp_path: Path) -> None:
    """An example holds its answer's characters, and one without an answer holds none."""
    path = written(tmp_path, record(), record(answer="", answer_start=-1, answers=[]))
    first, second = read(path)
    assert first == Example("who won?", "Ann won the cup.", 0, 3, ("Ann", "Ann won"), "squad")
    assert not second.answerable
    assert second.answers == ()


@pytest.mark.parametrize(
    "changed", [{"answer_start": 4}, {"answer": None}, {"question": 3}, {"answers": None}]
)
def test_a_wrong_line_is_named(tmp_path: Path, changed: dict[str, object]) -> None:
    """A line that does not fit the format is refused with its number."""
    with pytest.raises(UnreadableError, match="line 2"):
        read(written(tmp_path, record(), record(**changed)))


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """A file cut short, one that is no gzip and a missing one are errors, never few examples."""
    path = written(tmp_path, *[record(question=f"who won {i}?") for i in range(500)])
    whole = path.read_bytes()
    for damage in (whole[: len(whole) // 2], b"plain"):
        path.write_bytes(damage)
        with pytest.raises(UnreadableError):
            read(path)
    path.unlink()
    with pytest.raises(UnreadableError):
        read(path)


def test_worth_decides_how_often_a_source_is_drawn() -> None:
    """A worth of 1.5 draws all once and half twice; a source without worth is left out."""
    examples = [example(source, i) for source in ("a", "b", "c") for i in range(10)]
    chosen = choose(examples, 1, {"a": 1.5, "b": 0.3})
    assert counts(chosen) == {"a": (15, 0), "b": (3, 0)}
    assert {e.context for e in chosen if e.source == "a"} == {e.context for e in examples[:10]}
    assert chosen == choose(examples, 1, {"a": 1.5, "b": 0.3})
    assert chosen != choose(examples, 2, {"a": 1.5, "b": 0.3})


def test_a_run_may_draw_otherwise() -> None:
    """What it names is drawn so, the rest as ever; a source that is none is refused by name."""
    changed = worths("pairs=0.4 nq=0")
    assert (changed["pairs"], changed["nq"]) == (0.4, 0.0)
    assert {s: w for s, w in changed.items() if s not in ("pairs", "nq")} == {
        s: w for s, w in WORTH.items() if s not in ("pairs", "nq")
    }
    assert worths("") == WORTH
    with pytest.raises(ValueError, match="pear"):
        worths("pear=1")
    with pytest.raises(ValueError, match="much"):
        worths("pairs=much")


def test_the_real_files_can_be_read_and_every_source_has_a_worth() -> None:
    """The development file is read whole, and no source of it is forgotten."""
    examples = read(shared("data", "reader", "dev.jsonl.gz"))
    assert len(examples) == 3566
    assert {e.source for e in examples} == set(WORTH) - {SENTENCES, *KINDS}
    assert counts(examples)["squad2"] == (722, 836)


STORY = (
    "The council of Riverton met on Monday to talk about the bridge. Many people came to the "
    "town hall, and most of them spoke against closing it for the whole of the summer season. "
    "The mayor, Ann Lee, promised a ferry. Traders from the market said that a ferry would not "
    "carry their lorries and asked for help with their losses, which they put at two million. "
    "The council meets again in the first week of May."
)


def test_beside_leaves_the_answering_sentence_out() -> None:
    """What is left of a context is a run of its other sentences, without the answer."""
    start = STORY.index("Ann Lee")
    asked = Example("Who is the mayor?", STORY, start, start + 7, ("Ann Lee",), "squad")
    found = {beside(asked, Random(seed)) for seed in range(20)}
    assert found == {
        STORY[: STORY.index(" The mayor")],
        STORY[STORY.index("Traders") :],
    }


def test_beside_refuses_a_rest_that_repeats_the_answer() -> None:
    """A rest that holds the answer again would be labelled wrongly, so it is not taken."""
    context = STORY + " Ann Lee left. " + STORY
    start = context.index("Ann Lee")
    asked = Example("Who is the mayor?", context, start, start + 7, ("Ann Lee",), "squad")
    assert beside(asked, Random(1)) == STORY[: STORY.index(" The mayor")]


def test_near_misses_share_rare_words_and_lack_the_answer() -> None:
    """A question is paired with the passage that looks right, not with one that answers it."""
    right = "The Riverton ferry is run by Kowalski and Sons, said the Riverton council."
    near = "The Riverton ferry was late on Tuesday, and passengers of the ferry complained."
    also = "Kowalski and Sons, who own the Riverton ferry, are looking for a new captain."
    far = [f"Team {i} beat its neighbours by {i} goals in the cup." for i in range(10)]
    start = right.index("Kowalski")
    end = start + len("Kowalski and Sons")
    asked = Example("Who runs the Riverton ferry?", right, start, end, (right[start:end],), "nq")
    made = near_misses([asked], [right, near, also, *far], 1, seed=1)
    assert made == [Example(asked.question, near, -1, -1, (), "nq")]


def test_a_renamed_question_asks_about_another_name_of_its_context() -> None:
    """Names stand in for names and years for years; never the answer, nor what is asked already."""
    context = (
        "In 1870 the town of Riverton, as Ann Lee tells in her Memoirs, bought the ferry of Bo Ek. "
        "By 1912 the ferry at Lundholm had 14 captains."
    )
    start = context.index("Bo Ek")
    asked = Example(
        "Who sold Riverton its ferry in 1870?", context, start, start + 5, ("Bo Ek",), "squad"
    )
    found = {renamed(asked, Random(seed)) for seed in range(40)}
    assert found == {
        *(f"Who sold {name} its ferry in 1870?" for name in ("Ann Lee", "Memoirs", "Lundholm")),
        "Who sold Riverton its ferry in 1912?",
    }
    assert renamed(replace(asked, question="Who sold the ferry?"), Random(1)) is None


def asking(question: str, context: str = "It was the first and largest bridge.") -> Example:
    return Example(question, context, 0, 2, (context[:2],), "squad")


def test_an_opposite_question_asks_for_what_its_context_does_not_say() -> None:
    """One word is changed for its opposite, unless the context has that word too."""
    question = "What was the largest bridge of the north?"
    found = {opposite(asking(question), Random(seed)) for seed in range(40)}
    assert found == {
        "What was the smallest bridge of the north?",
        "What was the largest bridge of the south?",
    }
    both = asking("How is the largest faring?", "The largest is not the smallest of the north.")
    assert opposite(both, Random(1)) is None


def test_few_questions_without_an_opposite_are_denied() -> None:
    """About a fifth of what, who, where and when becomes its denial, of why and how nothing."""
    made = [opposite(asking("Who was the mayor then?"), Random(seed)) for seed in range(400)]
    assert set(made) == {"Who wasn't the mayor then?", None}
    assert 40 < len(made) - made.count(None) < 120
    assert not any(opposite(asking("Why was he there?"), Random(seed)) for seed in range(100))


def test_sentences_answer_without_telling_where(tmp_path: Path) -> None:
    """A sentence that answers does so somewhere; of the others a seeded share is taken."""
    path = tmp_path / "sentences.jsonl.gz"
    lines = [{"question": "Who won? ", "sentence": f"Ann won {i}.", "label": 0} for i in range(500)]
    lines[7]["label"], lines[8]["sentence"] = 1, ""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    found = read_sentences(path, seed=1)
    [right] = [e for e in found if e.answerable]
    assert right == Example("Who won?", "Ann won 7.", 0, 10, ("Ann won 7.",), SENTENCES, True)
    assert 100 < len(found) < 200
    assert all(e.context for e in found)
    assert found == read_sentences(path, seed=1) != read_sentences(path, seed=2)


@pytest.mark.parametrize("changed", [{"label": 2}, {"sentence": None}, {"question": 3}])
def test_a_wrong_sentence_is_named(tmp_path: Path, changed: dict[str, object]) -> None:
    """A line that is no sentence with a label is refused with its number."""
    lines = [{"question": "Who won?", "sentence": "Ann won.", "label": 1}]
    lines.append(lines[0] | changed)
    path = tmp_path / "sentences.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    with pytest.raises(UnreadableError, match="line 2"):
        read_sentences(path, seed=1)


def test_near_misses_are_seeded_and_never_more_than_asked() -> None:
    """The same seed makes the same examples, and unanswerable ones are not made again."""
    contexts = [f"Word{i % 7} met word{i % 5} in place{i % 3}, at {i} o'clock." for i in range(40)]
    examples = [
        Example(f"When did word{i % 7} meet word{i % 5}?", c, 0, 5, (c[:5],), "squad")
        for i, c in enumerate(contexts)
    ] + [example("squad2", i, answerable=False) for i in range(5)]
    made = near_misses(examples, contexts, 8, seed=3)
    assert len(made) == 8
    assert made == near_misses(examples, contexts, 8, seed=3)
    assert all(not e.answerable and e.source == "squad" for e in made)


def test_half_of_the_near_misses_are_other_passages() -> None:
    """At least half ask what was asked of another whole passage; each other kind is there too."""
    examples = read(shared("data", "reader", "dev.jsonl.gz"))
    contexts = {e.context for e in examples}
    asked = {(e.question, e.context) for e in examples if e.answerable}
    questions = {question for question, _ in asked}
    made = near_misses(examples, sorted(contexts), 600, seed=5)
    other = [e for e in made if e.question in questions and e.context in contexts]
    changed = [e for e in made if e.question not in questions]
    rest = [e for e in made if e.context not in contexts]
    assert len(other) + len(changed) + len(rest) == len(made) == 600
    assert len(other) >= 300
    assert len(changed) >= 50
    assert len(rest) >= 50
    assert asked.isdisjoint((e.question, e.context) for e in made)
