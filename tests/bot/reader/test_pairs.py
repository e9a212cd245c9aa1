"""Pairs of questions: joined to their contexts, or refused with the line that does not fit."""

import gzip
import json
from pathlib import Path

import pytest

from bot.reader import pairs as module
from bot.reader.data import Example, counts, read
from bot.reader.evaluation import main as evaluate
from bot.reader.pairs import ASKED, CROSSED, PAIRS, context_key, read_pairs
from index.errors import UnreadableError
from tests.shared import shared

CONTEXT = " Ann was 115 when Boris, who was 15, won the race in Oslo. "
SHIPPED = Path(module.__file__).with_name("pairs.jsonl.gz")
HELD_OUT = SHIPPED.with_name("pairs_held_out.jsonl.gz")


def written(folder: Path, *records: object) -> Path:
    path = folder / "pairs.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return path


def record(*pairs: list[str], context: str = CONTEXT) -> dict[str, object]:
    return {"context": context_key(context), "pairs": list(pairs)}


def test_a_pair_is_an_answered_and_an_unanswered_question(tmp_path: Path) -> None:
    """One asks for a whole word of the context, its twin for what the context lacks."""
    path = written(tmp_path, record(["How old was Boris?", "15", "How old was Carla?"]))
    start = CONTEXT.index(" 15,") + 1
    assert read_pairs(path, ["Another text.", CONTEXT]) == [
        Example("How old was Boris?", CONTEXT, start, start + 2, ("15",), PAIRS),
        Example("How old was Carla?", CONTEXT, -1, -1, (), PAIRS),
    ]


def test_each_kind_of_pairs_is_a_source_of_its_own(tmp_path: Path) -> None:
    """A context may have pairs of any kind, and their examples tell of which they are."""
    pairs = [["Who won?", "Boris", "Who lost?"], ["What was his age?", "15", "How tall was Boris?"]]
    path = written(
        tmp_path,
        record(pairs[0]) | {"asked": [pairs[1]]},
        {"context": context_key("Ann lost."), "crossed": [["Who was beaten?", "Ann", "Who won?"]]},
    )
    found = counts(read_pairs(path, [CONTEXT, "Ann lost."]))
    assert found == {PAIRS: (1, 1), ASKED: (1, 1), CROSSED: (1, 1)}


def test_a_context_is_known_whatever_white_space_is_around_it() -> None:
    """Its name is that of the text alone, and another text has another."""
    assert context_key(CONTEXT) == context_key(CONTEXT.strip()) != context_key(CONTEXT + "!")


@pytest.mark.parametrize(
    "wrong",
    [
        record(["Who won?", "Boris", "Who lost?"], context="Text that no data holds."),
        record(["Who won?", "Carla", "Who lost?"]),
        record(["Who won?", "Bor", "Who lost?"]),
        record(["Who won?", "", "Who lost?"]),
        record(["Who won?", "Boris"]),
        {"context": context_key(CONTEXT)},
        record(),
        record(["Who won?", "Boris", "Who lost?"]) | {"crossed": "no list"},
        record(["Who won?", "Boris", "Who lost?"]) | {"asked": [["Who won?"]]},
        ["no record"],
    ],
)
def test_pairs_that_do_not_fit_the_data_are_refused(tmp_path: Path, wrong: object) -> None:
    """An unknown context, an answer that it lacks or a line of another form is named."""
    path = written(tmp_path, record(["Who won?", "Boris", "Who lost?"]), wrong)
    with pytest.raises(UnreadableError, match="line 2"):
        read_pairs(path, [CONTEXT])


def test_a_broken_file_of_pairs_is_refused(tmp_path: Path) -> None:
    """A file that is no gzip and a missing one are errors, never no pairs."""
    path = tmp_path / "pairs.jsonl.gz"
    with pytest.raises(UnreadableError):
        read_pairs(path, [CONTEXT])
    path.write_bytes(b"plain")
    with pytest.raises(UnreadableError):
        read_pairs(path, [CONTEXT])


def test_pairs_are_evaluated_like_other_questions(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the stead of a file's own questions those about its contexts are scored."""
    dev, weights = trained / "data" / "dev.jsonl.gz", trained / "final" / "weights.safetensors"
    context = read(dev)[0].context
    pair = ["Where does Ann live?", "Oslo", "Where does Boris live?"]
    path = written(tmp_path, record(pair, context=context))
    assert evaluate([str(dev), "--pairs", str(path), "--weights", str(weights)]) == 0
    assert "| pairs | 1 | 1 | 100.0 | 100.0 |" in capsys.readouterr().out
    assert evaluate([str(dev), "--pairs", str(tmp_path), "--weights", str(weights)]) == 1


def test_the_shipped_pairs_are_about_contexts_to_train_on() -> None:
    """All of them fit the training data, half are unanswered, and none is also held out.

    No context is a held-out one, and those of the pairs held out are asked of in no other pair.
    """
    train = read(shared("data", "reader", "train.jsonl.gz"))
    dev = {e.context for e in read(shared("data", "reader", "dev.jsonl.gz"))}
    contexts = [example.context for example in train]
    examples, held_out = read_pairs(SHIPPED, contexts), read_pairs(HELD_OUT, contexts)
    for found, fewest in (
        (examples, {PAIRS: 5_000, CROSSED: 5_000, ASKED: 10_000}),
        (held_out, {PAIRS: 500, CROSSED: 100, ASKED: 100}),
    ):
        numbers = counts(found)
        assert numbers.keys() == fewest.keys()
        for kind, (answered, unanswered) in numbers.items():
            assert answered == unanswered > fewest[kind]
        assert len({(e.question, e.context) for e in found}) == len(found)
        assert dev.isdisjoint(e.context for e in found)
    assert {e.context for e in held_out}.isdisjoint(e.context for e in examples)
