"""How training goes: a bar on a terminal, a plain line now and then without one."""

import sys
import time
from types import TracebackType

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_LINE_EVERY = 60.0


class Progress:
    """Shows steps, word pieces a second and the loss; ``steps`` is None for a timed run."""

    def __init__(self, steps: int | None) -> None:
        self._of = f" of {steps:,}" if steps else ""
        self._began = self._line = time.monotonic()
        self._pieces = 0
        self._bar: Bar | None = None
        if sys.stdout.isatty():
            self._bar = Bar(
                BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
                TimeRemainingColumn(),
            )  # fmt: skip
            self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, step: int, share: float, pieces: int, loss: float) -> None:
        """Takes note of a step; ``share`` of the run is done."""
        self._pieces += pieces
        now = time.monotonic()
        rate = self._pieces / max(now - self._began, 1e-9)
        text = f"step {step:,}{self._of}, loss {loss:.3f}, {rate:,.0f} pieces/s"
        if self._bar is not None:
            self._bar.update(self._task, completed=share, description=text)
        elif now - self._line >= _LINE_EVERY or share >= 1:
            self._line = now
            print(f"{share:6.1%}  {text}", flush=True)
