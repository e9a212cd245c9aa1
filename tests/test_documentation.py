"""The README and .env.example tell all there is."""

from pathlib import Path

import typer

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    """Each command of the command line is named in the README as one types it."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert len(commands) >= 9
    assert [name for name in commands if f"newsbot {name}" not in README] == []


def test_every_command_says_what_it_does() -> None:
    """Each command and each of its options has a help text."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_every_setting_is_documented() -> None:
    """Each setting is in the README and in .env.example, and nothing else is."""
    names = {f"NEWSBOT_{field.upper()}" for field in Settings.model_fields}
    assert [name for name in sorted(names) if name not in README] == []
    lines = [line.lstrip("#") for line in EXAMPLE.splitlines() if "=" in line.split(" ")[0]]
    assert {line.split("=")[0] for line in lines} == names


def test_the_readme_runs_the_tests_as_ci_does() -> None:
    """The command for the tests in the README is the one that the CI script calls."""
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python -m pytest" in README
    assert "python -m pytest" in ci


def test_every_file_is_in_the_map() -> None:
    """The README's file map names every module of the two packages."""
    missing = [
        path.name
        for top in ("bot", "index")
        for path in (ROOT / top).glob("*.py")
        if path.name != "__init__.py" and path.name not in README
    ]
    assert missing == []
