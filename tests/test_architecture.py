"""The imports run one way, and each outside thing lives in the files that the design names."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Who may import what. A folder's migrations count as the tables that they make.
MAY_IMPORT = {
    "telegram": {
        "bot/handlers/",
        "bot/delivery.py",
        "bot/pacing.py",
        "bot/intake.py",
        "bot/outcomes.py",
        "bot/terminal.py",
        "bot/app.py",
    },
    "faiss": {"index/vectors.py"},
    "tantivy": {"index/keywords.py"},
    "sqlite3": set(),
    "httpx": {"index/fetching.py"},
    "httpcore": {"index/addresses.py", "index/fetching.py"},
    "sentence_transformers": {"index/embedding.py"},
    "torch": {"index/embedding.py", "bot/reader/"},
    "transformers": {"index/embedding.py", "bot/reader/"},
    "tornado": {"bot/webhook.py"},
    "feedparser": {"index/feeds.py"},
    "trafilatura": {"index/extraction.py"},
}


def python_files() -> list[Path]:
    return [p for top in ("bot", "index") for p in sorted((ROOT / top).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stay_where_they_belong(path: Path) -> None:
    """A file imports an outside thing only if the design names it for that."""
    name = str(path.relative_to(ROOT))
    for module in imported(path):
        top = module.split(".")[0]
        if top in MAY_IMPORT:
            assert any(
                name == home or (home.endswith("/") and name.startswith(home))
                for home in MAY_IMPORT[top]
            ), f"{name} may not import {top}"
        if name.startswith("index/"):
            assert top != "bot", f"{name} reaches up into bot"


def test_the_walk_finds_the_code() -> None:
    """The walk sees both packages, so that the test above cannot pass on nothing."""
    tops = {p.relative_to(ROOT).parts[0] for p in python_files()}
    assert tops == {"bot", "index"}
    assert any("faiss" in imported(p) for p in python_files())


def test_nothing_else_stands_at_the_top() -> None:
    """The top level holds what its user fixed, and dotfiles."""
    allowed = {"pyproject.toml", "README.md", "bot", "index", "tests", "LICENSE"}
    found = {
        p.name
        for p in ROOT.iterdir()
        if not p.name.startswith(".") and p.suffix != ".egg-info" and p.name != "build"
    }
    assert found <= allowed
