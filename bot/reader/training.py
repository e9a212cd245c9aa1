"""Training the reader: ``python -m bot.reader.training DATA OUT [--minutes 95]``.

DATA is a folder with train.jsonl.gz (and dev.jsonl.gz for a look at half time), OUT a
folder for checkpoints. ``--sentences FILE`` adds sentences that are known to answer or not,
``--pairs FILE`` (pairs.jsonl.gz beside this file) questions written about DATA's contexts.
The same command again goes on where the last one stopped.
``--begin WEIGHTS`` goes on from weights that an earlier run exported; ``--teachers WEIGHTS...``
learns from what such weights say of each batch too (see bot.reader.teachers).
``python -m bot.reader.training export OUT FOLDER`` writes the weights and their card.

The learning rate rises linearly, then falls linearly to 0 over ``--steps``, or over
``--minutes`` of training if they come first. By steps alone, a run is the same
whether or not it was cut off; by minutes, its length depends on the machine.
"""

import argparse
import hashlib
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from torch import nn

from bot.reader import checkpoints
from bot.reader.batches import Plan, encode
from bot.reader.checkpoints import Checkpoint
from bot.reader.data import SENTENCES, Example, choose, counts, read, read_sentences, worths
from bot.reader.feeding import Fed, feed
from bot.reader.negatives import near_misses
from bot.reader.network import Aim, Batch, Network, load_tokenizer, load_weights
from bot.reader.pairs import read_pairs
from bot.reader.progress import Progress
from bot.reader.teachers import Teachers
from index.errors import ModelError, NewsError, StorageError

CHECKPOINT = "checkpoint.pt"
_WARMUP = 0.06
# The loss that is shown is a mean over so many last steps; it is looked at every few steps, as
# an accelerator stands still meanwhile.
_SMOOTH, _LOOK = 100, 25


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the trained weights, apart from the data."""

    steps: int = 1_000_000
    minutes: float = 0.0
    seed: int = 20
    batch: int = 24
    rate: float = 1.5e-4
    head_rate: float = 5e-4
    unanswerable: float = 0.35
    # Without it the second pass already learns by heart: training loss 0.6, held out 1.6.
    dropout: float = 0.1
    half: bool = True
    # The part of the loss that goes by the teachers' opinion, if there are teachers.
    taught: float = 0.7
    # What it draws otherwise than data.WORTH says, such as "pairs=0.4 crossed=0.1".
    worth: str = ""
    # SHA-256 of the exported weights that it began from; "" for the embedding model's.
    begun: str = ""
    # SHA-256 of each teacher's weights.
    teachers: str = ""


def examples_for(
    path: Path, settings: Settings, sentences: Path | None = None, pairs: Path | None = None
) -> list[Example]:
    """The chosen examples and the made near misses, in no order yet. Raises NewsError."""
    everything = read(path)
    if pairs is not None:
        everything += read_pairs(pairs, [example.context for example in everything])
    if sentences is not None:
        everything += read_sentences(sentences, settings.seed)
    chosen = choose(everything, settings.seed, worths(settings.worth))
    no = sum(not example.answerable for example in chosen)
    share = settings.unanswerable
    more = max(0, round((share * len(chosen) - no) / (1 - share)))
    contexts = [example.context for example in everything if example.source != SENTENCES]
    return chosen + near_misses(chosen, contexts, more, settings.seed)


def rate_at(progress: float) -> float:
    """The learning rate as a share of its peak, at a share of the run. Pure."""
    if progress < _WARMUP:
        return progress / _WARMUP
    return max(0.0, (1 - progress) / (1 - _WARMUP))


class Trainer:
    """One run, from its last checkpoint on."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        data: str,
        out: Path,
        begin: Path | None = None,
        teachers: Sequence[Path] = (),
        workers: int = 0,
    ) -> None:
        self.settings = settings
        self.path = out / CHECKPOINT
        self._names = {name: str(value) for name, value in asdict(settings).items()}
        self._names["data"] = data
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(settings.seed)
        attention = "eager" if self._device.type == "cpu" else "sdpa"
        self.network = Network(attention, settings.dropout).train()
        if begin is not None:
            self.network.restore(load_weights(begin).trained())
        self.network.to(self._device)
        self._teachers = Teachers(teachers, self._device, settings.taught) if teachers else None
        heads = [*self.network.span.parameters(), *self.network.null.parameters()]
        body = [p for p in self.network.encoder.parameters() if p.requires_grad]
        self._peaks = (settings.rate, settings.head_rate)
        self._optimizer = torch.optim.AdamW(
            [{"params": body}, {"params": heads}],
            lr=settings.rate,
            weight_decay=0.01,
            fused=self._device.type == "cuda",
        )
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.loss: float | None = None
        self._losses: deque[torch.Tensor] = deque(maxlen=_SMOOTH)
        if (last := checkpoints.load(self.path)) is not None:
            self._resume(last)
        self._fed = feed(plan, range(self.step, settings.steps), workers)

    def _resume(self, last: Checkpoint) -> None:
        if last.settings != self._names:
            raise StorageError(
                str(self.path),
                "it was made with other settings or data",
                "Give the same ones, or another folder",
            )
        self.network.restore(last.weights)
        self._optimizer.load_state_dict(last.optimizer)
        self.step, self.seconds, self.finished = last.step, last.seconds, last.finished

    def save(self) -> None:
        """Writes the checkpoint. Raises ModelError, and leaves the last, if the loss is none."""
        self._weigh()
        checkpoints.save(
            self.path,
            Checkpoint(
                self.step,
                self.seconds,
                self.finished,
                self._names,
                self.network.trained(),
                self._optimizer.state_dict(),
            ),
        )

    @property
    def progress(self) -> float:
        """The share of the run that is done, by steps or by time, whichever is more."""
        minutes = self.settings.minutes
        timed = self.seconds / (60 * minutes) if minutes else 0.0
        return min(1.0, max(self.step / self.settings.steps, timed))

    def advance(self) -> int:
        """Trains one step; the number of word pieces that it took."""
        began = time.monotonic()
        fed = next(self._fed)
        # What dropout leaves out follows from the step, so that a killed run ends the same.
        torch.manual_seed(self.settings.seed * 1_000_000 + self.step)
        for group, peak in zip(self._optimizer.param_groups, self._peaks, strict=True):
            group["lr"] = peak * rate_at(self.progress)
        self._losses.append(self._backward(fed))
        self.step += 1
        # An accelerator is waited for here, and that is time of the step.
        if self.loss is None or self.step % _LOOK == 0:
            self._weigh()
        self.seconds += time.monotonic() - began
        self.finished = self.progress >= 1
        return fed.pieces

    def _weigh(self) -> None:
        if not self._losses:
            return
        self.loss = float(torch.stack(list(self._losses)).mean())
        if not isfinite(self.loss):
            raise ModelError("The reader", f"its loss before step {self.step} is {self.loss}")

    def _backward(self, fed: Fed) -> torch.Tensor:
        batch = Batch(*(getattr(fed.batch, name).to(self._device) for name in Batch.__slots__))
        aim = Aim(*(getattr(fed.aim, name).to(self._device) for name in Aim.__slots__))
        half = torch.autocast(self._device.type, torch.bfloat16)
        with half if self.settings.half else nullcontext():
            opinion = self._teachers.opinion(batch) if self._teachers else None
            loss = self.network.loss(batch, aim, opinion)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        return loss.detach()

    def look(self, path: Path, number: int) -> None:
        """Prints the scores on a sample of development examples, if there is such a file."""
        from bot.reader.evaluation import evaluate, sample, table

        if path.exists():
            examples = sample(read(path), number, self.settings.seed)
            self.network.eval()
            print(table(evaluate(self.network, examples)), flush=True)
            self.network.to(self._device).train()


def train(
    data: Path,
    out: Path,
    settings: Settings,
    every: float,
    look: int,
    begin: Path | None = None,
    sentences: Path | None = None,
    pairs: Path | None = None,
    teachers: Sequence[Path] = (),
    workers: int = 0,
) -> None:
    """Trains to the end, with a checkpoint each ``every`` seconds. Raises NewsError."""
    out.mkdir(parents=True, exist_ok=True)
    path = data / "train.jsonl.gz"
    examples = examples_for(path, settings, sentences, pairs)
    for source, (yes, no) in counts(examples).items():
        print(f"{source:22}{yes:7} answerable{no:7} not", flush=True)
    plan = Plan(encode(load_tokenizer(), examples), settings.batch, settings.seed)
    files = [file for file in (path, sentences, pairs) if file is not None]
    trainer = Trainer(plan, settings, _digests(files), out, begin, teachers, workers)
    saved = time.monotonic()
    looked = trainer.progress >= 0.5
    with Progress(settings.steps if not settings.minutes else None) as progress:
        while not trainer.finished:
            pieces = trainer.advance()
            progress.show(trainer.step, trainer.progress, pieces, trainer.loss or 0.0)
            if time.monotonic() - saved >= every or trainer.finished:
                trainer.save()
                saved = time.monotonic()
            if look and not looked and trainer.progress >= 0.5:
                looked = True
                trainer.look(data / "dev.jsonl.gz", look)
    print(f"finished: {trainer.step} steps, {trainer.seconds / 60:.1f} minutes", flush=True)


def _digests(files: Sequence[Path]) -> str:
    return ", ".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def _worth(changed: str) -> str:
    try:
        worths(changed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 if all went well."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["export"]:
        from bot.reader.exporting import main as export

        return export(words[1:])
    parser = argparse.ArgumentParser(prog="python -m bot.reader.training", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    default = Settings()
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--minutes", type=float, default=default.minutes)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--batch", type=int, default=default.batch)
    parser.add_argument("--rate", type=float, default=default.rate)
    parser.add_argument("--head-rate", type=float, default=default.head_rate)
    parser.add_argument("--unanswerable", type=float, default=default.unanswerable)
    parser.add_argument("--taught", type=float, default=default.taught)
    parser.add_argument("--dropout", type=float, default=default.dropout)
    parser.add_argument("--half", action=argparse.BooleanOptionalAction, default=default.half)
    parser.add_argument("--begin", type=Path, help="exported weights to go on from")
    parser.add_argument("--teachers", type=Path, nargs="+", default=[], help="exported weights")
    parser.add_argument("--sentences", type=Path, help="a file like sentences/selqa.jsonl.gz")
    parser.add_argument("--pairs", type=Path, help="a file like bot/reader/pairs.jsonl.gz")
    parser.add_argument("--worth", type=_worth, default="", help="such as 'pairs=0.4 nq=1.5'")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches ahead")
    parser.add_argument("--save-every", type=float, default=240.0, help="seconds")
    parser.add_argument("--look", type=int, default=300, help="dev examples at half time")
    given = parser.parse_args(words)
    torch.set_num_threads(given.threads)
    names = [name for name in Settings.__slots__ if name not in ("begun", "teachers")]
    try:
        begun = _digests([given.begin] if given.begin else [])
        chosen = {name: getattr(given, name) for name in names}
        settings = Settings(**chosen, begun=begun, teachers=_digests(given.teachers))
        given.out.mkdir(parents=True, exist_ok=True)
        with FileLock(given.out / "lock", timeout=0):
            every, look, begin = given.save_every, given.look, given.begin
            more = given.sentences, given.pairs, given.teachers, given.workers
            train(given.data, given.out, settings, every, look, begin, *more)
    except Timeout:
        print(f"another training writes to {given.out}", file=sys.stderr)
        return 1
    except (NewsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
