"""Where the data for tests lies; it is read in place and never copied."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared"


def shared(*parts: str) -> Path:
    """A file or folder of the shared data; the test is skipped where it is missing."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared data {'/'.join(parts)} is not here")
    return path
