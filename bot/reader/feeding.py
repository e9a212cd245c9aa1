"""A plan's batches as tensors, made ahead in other processes: an accelerator need not wait."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader, Dataset

from bot.reader.batches import Plan
from bot.reader.network import Aim, Batch, collate

# Batches that each process makes ahead.
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Fed:
    """A step's batch, what is known of it, and how many word pieces it holds."""

    batch: Batch
    aim: Aim
    pieces: int


class _Steps(Dataset[Fed]):
    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __getitem__(self, step: int) -> Fed:
        items = self._plan.batch(step)
        return Fed(
            collate([(item.question, item.title, item.context) for item in items]),
            Aim(
                torch.tensor([item.first for item in items]),
                torch.tensor([item.last for item in items]),
                torch.tensor([item.within for item in items]),
            ),
            sum(item.length + 3 for item in items),
        )


def feed(plan: Plan, steps: range, workers: int) -> Iterator[Fed]:
    """The steps' batches, in order; by no other process if ``workers`` is 0."""
    return iter(
        DataLoader(
            _Steps(plan),
            batch_size=None,
            sampler=steps,
            num_workers=workers,
            prefetch_factor=_AHEAD if workers else None,
        )
    )
