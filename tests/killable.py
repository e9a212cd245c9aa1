"""A newsbot in a process of its own that is there to be killed.

    python -m tests.killable DATA add TARGET…
    python -m tests.killable DATA refresh
    python -m tests.killable DATA bring-up [MODEL]
    python -m tests.killable DATA hold

It runs the real News with the stand-in model, so that many starts stay cheap. Its lines on
standard output say how far it is: ``begun`` once everything is imported, ``STAGE DONE
TOTAL`` as newsbot reports it, ``notice …`` and at last ``done``. ``hold`` keeps the data
folder for writing until its standard input is closed.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Far beyond what any run takes; only a hang comes this far.
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: whether by our kill, after how many seconds of work, its lines."""

    killed: bool
    worked_s: float
    lines: tuple[str, ...]

    def reported(self, stage: str) -> int:
        """How many of a stage were reported as done."""
        counts = [line.split() for line in self.lines if line.startswith(f"{stage} ")]
        return max((int(words[-2]) for words in counts), default=0)


def run(
    data: Path,
    *arguments: str,
    kill_after_s: float | None = None,
    kill_at: Callable[[str], bool] = lambda line: False,
) -> Ended:
    """Start a process and wait for its end; SIGKILL it at a moment or at a line of its own.

    ``kill_after_s`` counts from ``begun``. Raises AssertionError with what the process
    said if it ends otherwise than by the kill or with exit status 0.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.killable", str(data), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None and process.stderr is not None
    errors: list[str] = []
    draining = threading.Thread(target=lambda e: errors.extend(e), args=[process.stderr])
    draining.start()
    patience = threading.Timer(_PATIENCE_S, process.kill)
    patience.start()
    kill: threading.Timer | None = None
    lines: list[str] = []
    began = time.monotonic()
    for line in map(str.rstrip, process.stdout):
        lines.append(line)
        if line == "begun":
            began = time.monotonic()
            if kill_after_s is not None:
                kill = threading.Timer(kill_after_s, process.kill)
                kill.start()
        if kill_at(line):
            process.kill()
    status = process.wait()
    worked = time.monotonic() - began
    for timer in (patience, kill):
        if timer is not None:
            timer.cancel()
    draining.join()
    process.stdout.close()
    process.stderr.close()
    assert worked < _PATIENCE_S, f"it hung: {lines[-3:]}"
    assert status in (0, -9), f"exit status {status}: {lines[-3:]} {''.join(errors)}"
    return Ended(status != 0, worked, tuple(lines))


def main(arguments: Sequence[str]) -> None:
    """What the process does."""
    from index import News, NewsError
    from tests.fakes import StandInEmbedder

    data, task, *targets = arguments
    say("begun")
    model = targets[0] if task == "bring-up" and targets else "stand-in"
    news = News(Path(data), embedder=StandInEmbedder(model), allow_private=True)
    # As in the bot: with both indexes up, each batch of articles goes into them as well.
    for notice in news.bring_up(progress):
        say(f"notice {notice}")
    errors: list[NewsError | None] = []
    if task == "add":
        for added in asyncio.run(news.add(targets, progress)):
            errors += [added.error, *(e for r in added.refreshed for e in (r.error, *r.failures))]
    elif task == "hold":
        with news.writing():
            say("holding")
            sys.stdin.read()
    elif task == "refresh":
        for refreshed in asyncio.run(news.refresh(everything=True, progress=progress)):
            errors += [refreshed.error, *refreshed.failures]
    for error in filter(None, errors):
        raise error
    say("done")
    news.close()


def progress(stage: str, done: int, total: int) -> None:
    """Say how far a stage is."""
    say(f"{stage} {done} {total}")


def say(line: str) -> None:
    """Print a line at once and whole: what was said before a kill must have arrived."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
