"""The reader's network: all-MiniLM-L6-v2's encoder, a span head and a no-answer head.

Import this module late: it brings torch. The encoder starts from the packaged
embedding model, whose hash index.embedding checks; word embeddings are never trained,
so saved weights leave them out and they are taken from the package again.

A question and a context go in as one sequence, ``[CLS] question [SEP] context [SEP]``
(Devlin et al. 2019, BERT, section 4.3), the context with its title in front. The null answer
competes with the spans in the same softmax; its two logits come from [CLS] by weights of
their own.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from index.embedding import packaged_model
from index.errors import ModelError

CLS, SEP, PAD = 101, 102, 0
_KINDS = "encoder.embeddings"
_FROZEN = "encoder.embeddings.word_embeddings.weight"
# The logarithm of next to no probability, where it would be -inf.
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences as tensors of shape (batch, length); ``context`` marks context pieces.

    ``segments`` is 0 for the question's part and 1 for the context's, and 2 more for each
    piece that stands in both.
    """

    ids: Tensor
    attention: Tensor
    segments: Tensor
    context: Tensor


@dataclass(frozen=True, slots=True)
class Aim:
    """What is known of a batch's answers, each of shape (batch,); positions 0 for the null."""

    first: Tensor
    last: Tensor
    within: Tensor


@dataclass(frozen=True, slots=True)
class Opinion:
    """Where others think that answers start and end: shares of shape (batch, length).

    ``weight`` is the part of the loss that goes by it, from 0 to 1.
    """

    starts: Tensor
    ends: Tensor
    weight: float


class Network(nn.Module):
    """Encoder and heads. ``dropout`` is the share of activations that training leaves out.

    ``attention`` names one of transformers' implementations: "sdpa" is the faster one
    forwards, "eager" the faster one in training on a processor in bfloat16 (measured: a
    quarter more pieces).
    """

    def __init__(self, attention: str = "sdpa", dropout: float = 0.0) -> None:
        super().__init__()
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        from transformers import BertModel
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        logging.getLogger("transformers").setLevel(logging.ERROR)
        self.encoder: nn.Module = BertModel.from_pretrained(
            packaged_model(),
            add_pooling_layer=False,
            local_files_only=True,
            attn_implementation=attention,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        # Whether a word of the passage is one of the question's (Chen et al. 2017, DrQA): the
        # encoder's two token types, each twice.
        kinds = self.get_submodule(_KINDS)
        types = kinds.get_parameter("token_type_embeddings.weight").detach().repeat(2, 1)
        kinds.token_type_embeddings = nn.Embedding(len(types), types.shape[1], _weight=types)
        size = int(self.encoder.config.hidden_size)
        self.span = nn.Linear(size, 2)
        self.null = nn.Linear(size, 2)
        for head in (self.span, self.null):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self.get_parameter(_FROZEN).requires_grad_(False)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Start and end logits, each of shape (batch, length).

        Position 0 holds the null answer's; all positions outside the context -inf.
        """
        hidden: Tensor = self.encoder(
            input_ids=batch.ids, attention_mask=batch.attention, token_type_ids=batch.segments
        ).last_hidden_state
        spans = self.span(hidden).float().masked_fill(~batch.context.unsqueeze(-1), -torch.inf)
        null = self.null(hidden[:, :1]).float()
        logits = torch.cat([null, spans[:, 1:]], dim=1)
        return logits[..., 0], logits[..., 1]

    def loss(self, batch: Batch, aim: Aim, opinion: Opinion | None = None) -> Tensor:
        """Mean cross entropy of start and end with what is known to be right.

        Where ``within``, all that is known is that the null is wrong: what counts is the
        probability of all spans together (Clark and Gardner 2018, section 3.2). A share of
        the loss is the cross entropy with an opinion instead, if there is one.
        """
        start, end = self(batch)
        known = (_surprise(start, aim.first, aim.within) + _surprise(end, aim.last, aim.within)) / 2
        if opinion is None:
            return known
        told = (_distance(start, opinion.starts) + _distance(end, opinion.ends)) / 2
        return (1 - opinion.weight) * known + opinion.weight * told

    def trained(self) -> dict[str, Tensor]:
        """The state without what is never trained."""
        return {name: tensor for name, tensor in self.state_dict().items() if name != _FROZEN}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Takes a state that trained() gave. Raises ModelError if it is not one."""
        expected = {name: tensor.shape for name, tensor in self.trained().items()}
        if {name: tensor.shape for name, tensor in state.items()} != expected:
            raise ModelError("The reader", "its weights are not of this network's shape")
        self.load_state_dict(state, strict=False)


def _surprise(logits: Tensor, target: Tensor, within: Tensor) -> Tensor:
    shares = logits.log_softmax(1)
    logs = shares.gather(1, target.unsqueeze(1)).squeeze(1)
    # A context of no pieces has no spans, and -inf no gradient.
    spans = shares[:, 1:].clamp(min=_NEVER).logsumexp(1)
    return -torch.where(within, spans, logs).mean()


def _distance(logits: Tensor, shares: Tensor) -> Tensor:
    # Outside the context the logarithm is -inf, and the share 0.
    return -(shares * logits.log_softmax(1).clamp(min=_NEVER)).sum(1).mean()


def save_weights(network: Network, path: Path, about: dict[str, str]) -> None:
    """Writes the trained weights in half precision as safetensors, atomically."""
    state = {name: tensor.half().contiguous() for name, tensor in network.trained().items()}
    partial = path.with_name(path.name + ".partial")
    save_file(state, partial, metadata=about)
    # Written for one's own eyes by default; what ships is for all who install it.
    partial.chmod(0o644)
    partial.replace(path)


def load_weights(path: Path) -> Network:
    """The network with saved weights, ready for use in single precision. Raises ModelError."""
    network = Network()
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            "The reader", f"its weights {path} cannot be read ({error})", "Install newsbot again"
        ) from error
    network.restore({name: tensor.float() for name, tensor in state.items()})
    network.eval()
    return network


def load_tokenizer() -> Tokenizer:
    """The package's tokenizer, which neither cuts nor pads. Raises ModelError."""
    path = packaged_model() / "tokenizer.json"
    if not path.is_file():
        raise ModelError("The reader", f"{path} is missing", "Install newsbot again")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def collate(
    rows: Sequence[tuple[Sequence[int], Sequence[int], Sequence[int]]],
) -> Batch:
    """Question, title and context pieces as one batch, padded to its longest sequence.

    A title stands in front of its context and is read with it, but holds no answer.
    """
    length = max(sum(map(len, row)) for row in rows) + 3
    ids, attention, segments, marks = [], [], [], []
    for question, title, context in rows:
        own = [*title, *context]
        front, rest = len(question) + 2 + len(title), length - len(question) - len(own) - 3
        both = set(question) & set(own)
        asked, said = ([2 * (piece in both) for piece in part] for part in (question, own))
        ids.append([CLS, *question, SEP, *own, SEP, *[PAD] * rest])
        attention.append([1] * (length - rest) + [0] * rest)
        said = [1 + mark for mark in said]
        segments.append([0, *asked, 0, *said, 1, *[0] * rest])
        marks.append([False] * front + [True] * len(context) + [False] * (rest + 1))
    return Batch(
        torch.tensor(ids), torch.tensor(attention), torch.tensor(segments), torch.tensor(marks)
    )
