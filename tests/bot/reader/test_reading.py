"""Reader: questions and texts to readings, with weights that know a few facts by heart."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from math import inf, log
from pathlib import Path

import pytest

from bot.reader import inference
from bot.reader.inference import STRIDE, WINDOW
from bot.reader.network import load_tokenizer
from bot.reader.reading import NO_READING, Reader, Reading, Window
from bot.reader.spans import windows
from index.errors import ModelError
from tests.bot.reader import tiny

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def reader(trained: Path) -> Reader:
    return Reader(1, weights=trained / "final" / "weights.safetensors")


@pytest.fixture
def in_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what must agree to a thousandth: half precision, used where the processor has it, has
    eight bits, and some processors round them by the shape of the batch."""
    monkeypatch.setattr(inference, "_HALF", False)


def sentence(number: int) -> str:
    return str(tiny.records()[2 * number]["context"])


def test_it_finds_the_answer_and_says_when_it_is_not_there(reader: Reader) -> None:
    """Of all texts, the one that answers beats its null, with the answer's characters."""
    texts = [sentence(number) for number in range(4)]
    for number, (person, city) in enumerate(zip(tiny.PEOPLE, tiny.CITIES, strict=True)):
        readings = reader.read(f"Where does {person} live?", texts)
        assert len(readings) == 4
        own = readings[number]
        assert texts[number][own.text_start : own.text_end] == city
        assert own.margin > 0
        assert max(readings, key=lambda reading: reading.margin) == own


@pytest.mark.usefixtures("in_full_precision")
def test_a_long_text_is_read_to_its_end(reader: Reader) -> None:
    """A long text's reading is the best of its windows' own, at its place in the whole."""
    text = " ".join(sentence(number) for number in (1, 2, 3) * 12) + " " + sentence(0)
    offsets = load_tokenizer().encode(text, add_special_tokens=False).offsets
    parts = windows(len(offsets), WINDOW, STRIDE)
    starts = [offsets[part.start][0] for part in parts]
    texts = [text[offsets[part.start][0] : offsets[part.stop - 1][1]] for part in parts]
    assert len(texts) > 4 and texts[-1].endswith("in Oslo since last year.")
    for person in tiny.PEOPLE:
        question = f"Where does {person} live?"
        alone = [reader.read(question, [part])[0] for part in texts]
        number = max(range(len(alone)), key=lambda i: alone[i].margin)
        (found,) = reader.read(question, [text])
        assert found.margin == pytest.approx(alone[number].margin, abs=1e-3)
        assert found.text_start == starts[number] + alone[number].text_start
        assert found.text_end == starts[number] + alone[number].text_end


def test_each_part_of_a_text_has_its_own_margin(reader: Reader) -> None:
    """The part with the answer is likelier to answer than not, the one before it is not."""
    for number, person in enumerate(tiny.PEOPLE):
        text = sentence(number)
        [reading] = reader.read(f"Where does {person} live?", [text])
        middle = text.index("living in")
        assert reading.margin_of(0, middle) < 0 < reading.margin_of(middle, len(text))
        assert reading.sureness_of(0, middle) < reading.sureness_of(middle, len(text))
        assert reading.margin == reading.margin_of(0, len(text))


def test_a_margin_is_the_log_odds_of_all_spans_together() -> None:
    """Two starts as likely count twice as much as one; the best of the windows decides."""
    one, two = log(2), log(4)
    window = Window((0, 4, 8), (one, -50.0, -50.0), (one, one, -50.0), one)
    assert window.margin(0, 3) == pytest.approx(log(2))
    assert window.margin(0, 8) == pytest.approx(two + one - one)
    assert window.margin(8, 9) < -90
    assert window.margin(20, 30) == window.margin(5, 8) == -inf
    sure = Window((4, 8), (3.0, 0.0), (3.0, 0.0), 0.0)
    both = Reading(4, 7, (window, sure))
    assert both.margin_of(4, 8) == 6.0
    assert both.margin == sure.margin(0, inf) > 6.0
    assert both.margin_of(0, 3) == window.margin(0, 3)


def test_sureness_is_a_share_of_what_margins_tell() -> None:
    """It grows with the margin between 0 and 1, and a text that was not read has none."""
    windows_of = [(Window((0,), (start,), (0.0,), 0.0),) for start in (-99.0, -5.0, 1.0, 99.0)]
    sureness = [Reading(0, 1, own).sureness_of(0, 1) for own in windows_of]
    assert sureness[0] == 0.0 < sureness[1] < sureness[2] < 1.0 == sureness[3]
    assert NO_READING.margin == -inf
    assert NO_READING.sureness_of(0, 9) == 0.0


def test_no_answer_comes_from_a_title(reader: Reader) -> None:
    """A title that answers is read with the text, but what is found stands in the text."""
    for number, person in enumerate(tiny.PEOPLE):
        question, other = f"Where does {person} live?", sentence((number + 1) % len(tiny.PEOPLE))
        [titled] = reader.read(question, [other], [sentence(number)])
        assert 0 <= titled.text_start < titled.text_end <= len(other)
        assert tiny.CITIES[number] not in other[titled.text_start : titled.text_end]
        [alone], [empty] = reader.read(question, [other]), reader.read(question, [other], [""])
        assert alone == empty != titled


def test_offsets_count_characters_of_the_given_text(reader: Reader) -> None:
    """Accents, emoji and odd spaces in front shift nothing."""
    text = "  Zoë 🎉 Łódź\n\n" + sentence(1)
    (found,) = reader.read("Where does Boris live?", [text])
    assert text[found.text_start : found.text_end] == "Lisbon"


@pytest.mark.parametrize("text", ["", " \n ", "?", "🎉" * 3000, "word " * 1500, "a" * 20000])
def test_any_text_gets_a_reading_within_it(reader: Reader, text: str) -> None:
    """Empty, endless and odd texts are read without an error, with offsets inside them."""
    (found,) = reader.read("Where does Ann live?", [text])
    assert 0 <= found.text_start <= found.text_end <= len(text)
    if not text.strip():
        assert found.margin < -50


@pytest.mark.parametrize("question", ["", "?", "where " * 3000])
def test_any_question_gets_a_reading(reader: Reader, question: str) -> None:
    """An empty or endless question is no error."""
    assert len(reader.read(question, [sentence(0), sentence(1)])) == 2


def test_no_texts_give_no_readings(reader: Reader) -> None:
    """Nothing to read gives an empty list."""
    assert reader.read("Where does Ann live?", []) == []


@pytest.mark.usefixtures("in_full_precision")
def test_company_does_not_change_a_reading(reader: Reader) -> None:
    """A text reads the same alone and in a batch with longer ones, but for rounding."""
    texts = [sentence(0), sentence(1) * 9, "No.", *[sentence(n) * n for n in range(2, 4)]] * 2
    together = reader.read("Where does Ann live?", texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = reader.read("Where does Ann live?", [text])
        assert (alone.text_start, alone.text_end) == (found.text_start, found.text_end)
        assert alone.margin == pytest.approx(found.margin, abs=1e-3)
        nulls = ([window.null_score for window in one.windows] for one in (alone, found))
        assert sorted(next(nulls)) == pytest.approx(sorted(next(nulls)), abs=1e-3)


@pytest.mark.skipif(not inference._HALF, reason="this processor has no half precision")
def test_company_hardly_changes_a_reading_in_half_precision(reader: Reader) -> None:
    """Where it reads in eight bits, a text's answer is the same alone and in a batch."""
    texts = [sentence(0), sentence(1) * 9, "No.", *[sentence(n) * n for n in range(2, 4)]] * 2
    together = reader.read("Where does Ann live?", texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = reader.read("Where does Ann live?", [text])
        assert (alone.text_start, alone.text_end) == (found.text_start, found.text_end)
        assert alone.margin == pytest.approx(found.margin, rel=2**-7)


def test_threads_share_a_reader(trained: Path) -> None:
    """Many threads at once load it once and get what one thread gets."""
    loads: list[int] = []
    reader = Reader(
        1,
        weights=trained / "final" / "weights.safetensors",
        on_loading=lambda: loads.append(1),
    )
    texts = [sentence(number) for number in range(4)]
    questions = [f"Where does {person} live?" for person in tiny.PEOPLE] * 4
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda question: reader.read(question, texts), questions))
    assert found == [reader.read(question, texts) for question in questions]
    assert loads == [1]


def test_missing_or_foreign_weights_are_a_model_error(tmp_path: Path) -> None:
    """Without its weights, or with a file that is none, the reader says what to do."""
    with pytest.raises(ModelError, match="Install newsbot again"):
        Reader(1, weights=tmp_path / "none.safetensors").read("Who?", ["Ann."])
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(ModelError, match="cannot be read"):
        Reader(1, weights=broken).read("Who?", ["Ann."])


def test_importing_the_reader_loads_no_torch() -> None:
    """The module that others import is cheap: torch comes with the first reading."""
    code = (
        "import sys, bot.reader.reading; print('torch' in sys.modules, 'telegram' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr
