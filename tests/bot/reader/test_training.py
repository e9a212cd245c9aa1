"""Training: it learns, it can be killed, and what it leaves can be read."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from bot.reader import checkpoints
from bot.reader.checkpoints import Checkpoint
from bot.reader.evaluation import main as evaluate
from bot.reader.network import Network, collate, load_weights
from bot.reader.training import CHECKPOINT, Settings, examples_for, main, rate_at
from index.errors import StorageError
from tests.bot.reader import tiny
from tests.shared import shared

ROOT = Path(__file__).parents[3]
STEPS = 12


def arguments(data: Path, out: Path, steps: int = STEPS) -> list[str]:
    return [str(data), str(out), "--steps", str(steps), "--batch", "4", "--look", "0"]


def loaded(out: Path) -> Checkpoint:
    found = checkpoints.load(out / CHECKPOINT)
    assert found is not None
    return found


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    """Killed without warning and started again, training ends bit for bit where it would have."""
    data = tiny.write(tmp_path / "data")
    assert main(arguments(data, tmp_path / "whole")) == 0

    command = [sys.executable, "-m", "bot.reader.training", *arguments(data, tmp_path / "cut")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--save-every", "0"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    while not (tmp_path / "cut" / CHECKPOINT).exists():
        assert process.poll() is None, "it ended without a checkpoint"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < loaded(tmp_path / "cut").step < STEPS

    assert main(arguments(data, tmp_path / "cut")) == 0
    whole, cut = loaded(tmp_path / "whole"), loaded(tmp_path / "cut")
    assert whole.step == cut.step == STEPS
    assert whole.finished and cut.finished
    assert whole.weights.keys() == cut.weights.keys()
    assert all(torch.equal(whole.weights[name], cut.weights[name]) for name in whole.weights)


def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    """Started again after its end, training changes nothing."""
    data = tiny.write(tmp_path / "data")
    assert main(arguments(data, tmp_path / "out", 1)) == 0
    before = (tmp_path / "out" / CHECKPOINT).read_bytes()
    assert main(arguments(data, tmp_path / "out", 1)) == 0
    assert (tmp_path / "out" / CHECKPOINT).read_bytes() == before


def test_other_settings_do_not_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkpoint of another run is refused with what to do, and not overwritten."""
    data = tiny.write(tmp_path / "data")
    assert main(arguments(data, tmp_path / "out", 1)) == 0
    before = (tmp_path / "out" / CHECKPOINT).read_bytes()
    assert main([*arguments(data, tmp_path / "out", 1), "--seed", "3"]) == 1
    assert "other settings" in capsys.readouterr().err
    assert (tmp_path / "out" / CHECKPOINT).read_bytes() == before


def test_a_timed_run_ends_by_its_minutes(tmp_path: Path) -> None:
    """With almost no time, a run of countless steps ends, with its rate gone down to nothing."""
    data = tiny.write(tmp_path / "data")
    assert main([*arguments(data, tmp_path / "out", 10**6), "--minutes", "0.0001"]) == 0
    assert loaded(tmp_path / "out").finished
    assert loaded(tmp_path / "out").step < 100


def test_half_way_it_looks_at_held_out_examples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A look at development examples prints their scores and changes nothing of the training."""
    data = tiny.write(tmp_path / "data")
    assert main(arguments(data, tmp_path / "unseen", 4)) == 0
    assert main([*arguments(data, tmp_path / "seen", 4), "--look", "5"]) == 0
    assert capsys.readouterr().out.count("| all |") == 1
    unseen, seen = loaded(tmp_path / "unseen").weights, loaded(tmp_path / "seen").weights
    assert all(torch.equal(unseen[name], seen[name]) for name in unseen)


def test_a_broken_checkpoint_is_an_error(tmp_path: Path) -> None:
    """A file that is no checkpoint is refused, never taken for a fresh start."""
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 not weights")
    with pytest.raises(StorageError, match="no checkpoint"):
        checkpoints.load(tmp_path / CHECKPOINT)
    assert checkpoints.load(tmp_path / "missing.pt") is None


def test_of_an_answer_somewhere_within_only_its_being_there_is_learnt() -> None:
    """Its loss is that of the null's share alone, and a text of no pieces disturbs nothing."""
    network = Network().eval()
    batch = collate([((7, 8), (), (20, 21, 22)), ((9,), (), ())])
    within, nowhere = torch.tensor([True, False]), torch.tensor([4, 0])
    start, end = (logits.softmax(1)[0, 0] for logits in network(batch))
    loss = network.loss(batch, nowhere, nowhere, within)
    assert loss.item() == pytest.approx(-(torch.log(1 - start) + torch.log(1 - end)).item() / 4)
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


def test_the_rate_rises_then_falls_to_nothing() -> None:
    """The schedule starts at 0, peaks at 1 once and ends at 0."""
    rates = [rate_at(i / 1000) for i in range(1001)]
    top = rates.index(max(rates))
    assert rates[0] == rates[-1] == 0
    assert rates[top] == pytest.approx(1)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_near_misses_fill_up_to_the_share() -> None:
    """Made examples bring the share without an answer up to what was asked for."""
    path = shared("data", "reader", "dev.jsonl.gz")
    for share in (0.4, 0.5):
        examples = examples_for(path, Settings(unanswerable=share))
        found = sum(not example.answerable for example in examples) / len(examples)
        assert found == pytest.approx(share, abs=0.001)


def test_what_was_trained_can_be_exported_and_evaluated(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights learnt by heart score full marks, and the card says so."""
    dev, scores = trained / "data" / "dev.jsonl.gz", tmp_path / "scores.json"
    weights = trained / "final" / "weights.safetensors"
    assert evaluate([str(dev), "--weights", str(weights), "--json", str(scores)]) == 0
    assert "| all | 4 | 4 | 100.0 | 100.0 |" in capsys.readouterr().out
    assert json.loads(scores.read_text())["rows"][0]["auc"] == 1
    words = ["export", str(trained / "out"), str(tmp_path / "card"), "--scores", str(scores)]
    assert main(words) == 0
    card = (tmp_path / "card" / "CARD.md").read_text()
    assert "| all | 4 | 4 | 100.0 | 100.0 |" in card
    assert "CC BY-SA 4.0" in card
    assert (tmp_path / "card" / "weights.safetensors").stat().st_size < 50_000_000


def test_what_was_trained_can_be_averaged_with_earlier_weights(
    tmp_path: Path, trained: Path
) -> None:
    """Every weight is half way between the two, and the card names the earlier ones."""
    data = trained / "data"
    assert main(arguments(data, tmp_path / "out", 1)) == 0
    earlier = trained / "final" / "weights.safetensors"
    for folder, more in (("alone", []), ("both", ["--average", str(earlier)])):
        assert main(["export", str(tmp_path / "out"), str(tmp_path / folder), *more]) == 0
    own, other, both = (
        load_weights(file).trained()
        for file in (tmp_path / "alone" / earlier.name, earlier, tmp_path / "both" / earlier.name)
    )
    assert any(not torch.equal(own[name], other[name]) for name in own)
    for name in own:
        assert torch.equal(both[name], ((own[name] + other[name]) / 2).half().float())
    digest = hashlib.sha256(earlier.read_bytes()).hexdigest()
    assert digest in (tmp_path / "both" / "CARD.md").read_text()
    assert digest not in (tmp_path / "alone" / "CARD.md").read_text()


def test_export_without_a_checkpoint_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to export from an empty folder, and the message says what to do."""
    assert main(["export", str(tmp_path), str(tmp_path / "final")]) == 1
    assert "Train first" in capsys.readouterr().err
