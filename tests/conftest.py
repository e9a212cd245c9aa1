"""What many tests start from."""

import signal
from collections.abc import Iterator

import pytest

from index.embedding import Embedder

# What a shell runs in the background ignores Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def embedder() -> Iterator[Embedder]:
    """The real, packaged model, loaded once for all tests that need meaning."""
    model = Embedder()
    model.load()
    yield model
