"""Ten thousand subscriptions, ten thousand messages, five hundred feeds for a day."""

from typing import Any

from rich.console import Console

from tests.benchmarks import broadcast, day, many_subscriptions


def run(console: Console | None = None) -> dict[str, Any]:
    """All three; each prints its tables."""
    return {
        "matching": many_subscriptions.run(console),
        "broadcast": broadcast.run(console),
        "day": day.run(console),
    }
