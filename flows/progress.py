"""Progress: the eight steps as they pass, on standard error; a bar for a person, plain lines for a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

STEPS = {
    "acquire": "获取",
    "read": "读取",
    "identify": "辨认",
    "extract": "提取",
    "reconcile": "合并",
    "validate": "检验",
    "publish": "发布",
    "report": "报告",
}


class Progress:
    """Shows which step a run is in, and keeps how long each took (``timings``, in seconds)."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._names = list(STEPS)
        self._step: tuple[str, float] | None = None
        self._console = Console(file=sys.stderr)
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        self._bar.stop()

    def step(self, *names: str) -> None:
        """Begin a step (or steps that run together)."""
        self._finish()
        self._step = (names[0], time.perf_counter())
        first, last = self._names.index(names[0]) + 1, self._names.index(names[-1]) + 1
        place = f"{first}" if first == last else f"{first}-{last}"
        text = f"{place}/{len(STEPS)} " + " · ".join(f"{STEPS[name]} {name}" for name in names)
        if self._console.is_terminal:
            self._bar.reset(self._task, description=text, total=None)
        else:
            print(text, file=sys.stderr, flush=True)

    def total(self, count: int) -> None:
        """Say how many pieces of work the step has."""
        self._bar.update(self._task, total=count)

    def advance(self) -> None:
        """One more piece is done."""
        self._bar.advance(self._task)

    def _finish(self) -> None:
        if self._step:
            name, began = self._step
            self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - began
            self._step = None
