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
from bot.reader.data import read
from bot.reader.evaluation import evaluate as evaluate_network
from bot.reader.evaluation import main as evaluate
from bot.reader.network import Aim, Network, Opinion, collate, load_weights
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
    loss = network.loss(batch, Aim(nowhere, nowhere, within))
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


def test_what_was_trained_can_be_averaged_with_other_weights(tmp_path: Path, trained: Path) -> None:
    """Every weight is the mean of all, and the card names the others."""
    data, name = trained / "data", "weights.safetensors"
    others = [trained / "final" / name, tmp_path / "alone" / name]
    for seed, folder, average in (("1", "alone", []), ("2", "mean", others)):
        assert main([*arguments(data, tmp_path / seed, 1), "--seed", seed]) == 0
        more = ["--average", *map(str, average)] if average else []
        assert main(["export", str(tmp_path / seed), str(tmp_path / folder), *more]) == 0
    assert main(["export", str(tmp_path / "2"), str(tmp_path / "own")]) == 0
    files = [tmp_path / "own" / name, *others]
    own, *rest = (load_weights(file).trained() for file in files)
    mean = load_weights(tmp_path / "mean" / name).trained()
    assert all(any(not torch.equal(own[n], other[n]) for n in own) for other in rest)
    for n in own:
        wanted = torch.stack([state[n] for state in (own, *rest)]).mean(0)
        assert torch.equal(mean[n], wanted.half().float())
    card = (tmp_path / "mean" / "CARD.md").read_text()
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in others]
    assert all(digest in card for digest in digests)
    assert not any(digest in (tmp_path / "own" / "CARD.md").read_text() for digest in digests)


def test_what_a_run_drew_is_on_its_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three times as much of a source is three times as many examples, and the card says so."""
    data, out = tiny.write(tmp_path / "data"), tmp_path / "out"
    assert main([*arguments(data, out, 1), "--unanswerable", "0", "--worth", "squad2=3"]) == 0
    assert "12 answerable" in capsys.readouterr().out
    assert main(["export", str(out), str(tmp_path / "final")]) == 0
    card = (tmp_path / "final" / "CARD.md").read_text()
    assert any("(`squad2`) | 3 |" in line for line in card.splitlines())
    with pytest.raises(SystemExit):
        main([*arguments(data, out, 1), "--worth", "squid2=3"])


def test_a_network_learns_what_its_teachers_say(tmp_path: Path, trained: Path) -> None:
    """Told only opinions, never an answer, a network comes to those of its teacher."""
    weights = trained / "final" / "weights.safetensors"
    words = [*arguments(trained / "data", tmp_path / "out", 60), "--rate", "3e-4"]
    words += ["--head-rate", "3e-3", "--unanswerable", "0", "--taught", "1"]
    assert main([*words, "--teachers", str(weights)]) == 0
    assert main(["export", str(tmp_path / "out"), str(tmp_path / "final")]) == 0
    dev = read(trained / "data" / "dev.jsonl.gz")
    apart = []
    for file in (weights, tmp_path / "final" / weights.name):
        apart.append([o.margin for o in evaluate_network(load_weights(file), dev)])
    assert [m > 0 for m in apart[0]] == [m > 0 for m in apart[1]]
    card = (tmp_path / "final" / "CARD.md").read_text()
    assert "100% of its loss" in card
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in card


def test_the_loss_goes_by_opinion_as_far_as_it_weighs() -> None:
    """With all the weight it is the cross entropy with the opinion, with none the known one."""
    network = Network().eval()
    batch = collate([((7, 8), (), (20, 21, 22)), ((9,), (), (30,))])
    aim = Aim(torch.tensor([4, 0]), torch.tensor([5, 0]), torch.tensor([False, False]))
    start, end = (logits.log_softmax(1) for logits in network(batch))
    shares = torch.zeros_like(start)
    shares[0, 0], shares[0, 4], shares[1, 3] = 0.25, 0.75, 1.0
    told = -(0.25 * (start + end)[0, 0] + 0.75 * (start + end)[0, 4] + (start + end)[1, 3]) / 4
    known = network.loss(batch, aim)
    for weight, wanted in ((1.0, told), (0.0, known), (0.3, 0.3 * told + 0.7 * known)):
        loss = network.loss(batch, aim, Opinion(shares, shares, weight))
        assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


def test_batches_made_ahead_are_the_same(tmp_path: Path) -> None:
    """Weights do not depend on how many processes make the batches."""
    data = tiny.write(tmp_path / "data")
    assert main(arguments(data, tmp_path / "own", 6)) == 0
    assert main([*arguments(data, tmp_path / "ahead", 6), "--workers", "2"]) == 0
    own, ahead = loaded(tmp_path / "own").weights, loaded(tmp_path / "ahead").weights
    assert all(torch.equal(own[name], ahead[name]) for name in own)


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a rate beyond all bounds training ends with an error, and saves nothing of it."""
    data = tiny.write(tmp_path / "data")
    words = [*arguments(data, tmp_path / "out", 60), "--rate", "1e30", "--save-every", "0"]
    assert main(words) == 1
    assert "its loss before step" in capsys.readouterr().err
    assert all(w.isfinite().all() for w in loaded(tmp_path / "out").weights.values())


def test_export_without_a_checkpoint_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to export from an empty folder, and the message says what to do."""
    assert main(["export", str(tmp_path), str(tmp_path / "final")]) == 1
    assert "Train first" in capsys.readouterr().err
