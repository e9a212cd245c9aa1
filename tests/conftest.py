"""What many tests start from."""

from collections.abc import Iterator

import pytest

from index.embedding import Embedder


@pytest.fixture(scope="session")
def embedder() -> Iterator[Embedder]:
    """The real, packaged model, loaded once for all tests that need meaning."""
    model = Embedder()
    model.load()
    yield model
