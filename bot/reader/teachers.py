"""Networks that were trained before, whose mean opinion another one learns from.

Knowledge distillation (Hinton, Vinyals, Dean 2015): beside what is known to be right, a
network is told how likely an ensemble finds each place, and so learns more from an example
than one place of it, and less from one that is labelled wrongly.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from bot.reader.network import Batch, Opinion, load_weights


class Teachers:
    """Exported weights, ready on a device. Raises ModelError where a file holds none."""

    def __init__(self, files: Sequence[Path], device: torch.device, weight: float) -> None:
        self._networks = [load_weights(file).to(device) for file in files]
        self._weight = weight

    @torch.no_grad()
    def opinion(self, batch: Batch) -> Opinion:
        """The mean of what the teachers find likely."""
        read = [[logits.softmax(1) for logits in network(batch)] for network in self._networks]
        starts, ends = (torch.stack(shares).mean(0) for shares in zip(*read, strict=True))
        return Opinion(starts, ends, self._weight)
