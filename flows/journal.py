"""The journal: every run of a home as it began and ended, a JSON line each, in ``runs.jsonl``.

It is what `nianbao status` tells and what the service goes by when it makes up for missed runs: nothing depends on
Prefect's database. A run that began, never ended and no longer holds the home's lock, has crashed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from flows.home import Home, HomeError

Result = Literal["published", "unchanged", "current", "gate_closed", "failed", "unable", "crashed", "running"]
"""``current``: its release was the current one already; ``unable``: it could not start (no such source, say)."""


class Past(NamedTuple):
    """One run."""

    attempt: str
    """Prefect's id of the flow run."""
    begun: datetime
    ended: datetime | None
    occasion: str
    result: Result
    run_id: str | None = None
    """The digest of its inputs, as in the release; None if it never came so far."""
    message: str = ""
    needs_person: bool = False

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.result == "running"

    @property
    def well(self) -> bool:
        """Whether it came to its end, whatever it found."""
        return self.result in {"published", "unchanged", "current", "gate_closed"}


def begin(home: Home, attempt: str, occasion: str) -> None:
    """Note that a run begins.

    Raises:
        OSError, HomeError: the home cannot be written; better known now than after an hour.
    """
    _append(home.journal, {"attempt": attempt, "begun": _now(), "occasion": occasion, "pid": os.getpid()})
    home.storage.save()


def end(home: Home, attempt: str, result: Result, **more: Any) -> None:
    """Note how a run ended. What cannot be written must not hide the reason for which it ended."""
    with suppress(OSError, HomeError):
        _append(home.journal, {"attempt": attempt, "ended": _now(), "result": result, **more})
        home.storage.save()


def past(home: Home) -> list[Past]:
    """The runs of a home, oldest first."""
    runs: dict[str, dict[str, Any]] = {}
    for entry in _entries(home.storage.bring(home.journal)):
        runs.setdefault(entry["attempt"], {}).update(entry)
    found = [entry for entry in runs.values() if "begun" in entry]
    unfinished: Result = "running" if home.storage.is_held() else "crashed"
    return [_past(entry, unfinished if entry is found[-1] else "crashed") for entry in found]


def _past(entry: dict[str, Any], unfinished: Result) -> Past:
    ended = entry.get("ended")
    return Past(
        attempt=entry["attempt"],
        begun=datetime.fromisoformat(entry["begun"]),
        ended=datetime.fromisoformat(ended) if ended else None,
        occasion=entry.get("occasion", "by hand"),
        result=entry.get("result", unfinished),
        run_id=entry.get("run_id"),
        message=entry.get("message", ""),
        needs_person=entry.get("needs_person", False),
    )


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError):  # the line of a process that was killed while it wrote
            entry = json.loads(line)
            if isinstance(entry, dict) and "attempt" in entry:
                yield entry


def _append(path: Path, entry: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # torn off by a crash: begin a line of its own
                line = "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()
