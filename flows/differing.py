"""Differing: what `nianbao diff` prints of two releases of a home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.home import Home
from warehouse.diff import Diff, diff
from warehouse.printing import Format, render, to_json
from warehouse.releases import ReleaseError, find, releases
from warehouse.result import Result


def show_diff(home: Home, before: str | None, after: str | None, form: Format, limit: int) -> bool:
    """Compare two releases by their runs, the last two by default; print the result and say whether they are the same.

    Raises:
        ReleaseError: there are no two releases, or one of those named does not exist.
    """
    compared = diff(*_paths(home, before, after), limit)
    if form == "json":
        print(to_json(_told(compared)))
    else:
        print(f"{compared.before} -> {compared.after} · {compared.compared} 格 cells")
        for name, (old, new) in compared.versions.items():
            print(f"{name}: {old} -> {new}")
        counts = [(change, cause, count) for (change, cause), count in compared.counts.items()]
        _print(("change", "cause", "cells"), counts)
        if compared.cells:
            _print(compared.cells[0]._fields, [tuple(cell) for cell in compared.cells])
    return not compared.counts


def _paths(home: Home, before: str | None, after: str | None) -> tuple[Path, Path]:
    known = releases(home.shelf())
    if before is None and len(known) < 2:
        raise ReleaseError(f"there are {len(known)} releases in {home.address}, and a difference takes two")
    new = find(home.root, after) if after else known[0]
    old = find(home.root, before) if before else next(one for one in known if one.run_id != new.run_id)
    return home.storage.bring(old.path), home.storage.bring(new.path)


def _told(compared: Diff) -> dict[str, Any]:
    counts = [{"change": change, "cause": cause, "cells": n} for (change, cause), n in compared.counts.items()]
    return {
        "before": compared.before,
        "after": compared.after,
        "compared": compared.compared,
        "versions": compared.versions,
        "counts": counts,
        "cells": [cell._asdict() for cell in compared.cells],
    }


def _print(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    for line in render(Result(columns, rows)):
        print(line)
