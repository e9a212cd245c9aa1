"""A reader that learnt a few facts by heart, made once for all tests of this folder."""

from pathlib import Path

import pytest

from bot.reader.training import main
from tests.bot.reader import tiny


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data``, the checkpoint in ``out`` and the weights in ``final``."""
    folder = tmp_path_factory.mktemp("reader")
    data = tiny.write(folder / "data")
    words = [str(data), str(folder / "out"), "--steps", "60", "--batch", "4", "--look", "0"]
    rates = ["--rate", "3e-4", "--head-rate", "3e-3", "--unanswerable", "0", "--seed", "21"]
    assert main([*words, *rates]) == 0
    assert main(["export", str(folder / "out"), str(folder / "final")]) == 0
    return folder
