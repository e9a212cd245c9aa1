"""Training's state on disk: whole or not there, never half.

A checkpoint belongs to the settings that it was made with; going on with others would
give weights that no setting explains.
"""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from index.errors import StorageError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``step`` steps are done, in ``seconds`` of training; ``settings`` name the run."""

    step: int
    seconds: float
    finished: bool
    settings: dict[str, str]
    weights: dict[str, Tensor]
    optimizer: dict[str, Any]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Replaces the checkpoint at ``path``. Raises StorageError."""
    partial = path.with_name(path.name + ".partial")
    fields = {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}
    try:
        with partial.open("wb") as file:
            torch.save(fields, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(str(path), f"it cannot be written ({error.strerror})") from error


def load(path: Path) -> Checkpoint | None:
    """The checkpoint at ``path``; None if there is none. Raises StorageError."""
    if not path.exists():
        return None
    try:
        fields = torch.load(path, map_location="cpu", weights_only=True)
        return Checkpoint(**fields)
    except (OSError, RuntimeError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise StorageError(
            str(path), f"it is no checkpoint of this program ({error})", "Move it away"
        ) from error
