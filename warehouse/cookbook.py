"""The cookbook: questions with their SQL and its real output, as ``docs/cookbook.md`` has them.

A question is a ``## `` heading; its first ``sql`` block is run on the demo's release, and the ``text`` block after it
is what ``nianbao query`` prints. ``python -m warehouse.cookbook docs/cookbook.md RELEASE`` writes the outputs anew; a
test holds the page to them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from warehouse.printing import render
from warehouse.query import query

_RECIPE = re.compile(
    r"^## (?P<question>.+?)\n.*?^```sql\n(?P<sql>.*?)^```\n\n```text\n(?P<output>.*?)^```$", re.M | re.S
)


class Recipe(NamedTuple):
    """One question, the SQL that answers it, and the answer as printed on the page."""

    question: str
    sql: str
    output: str


def recipes(page: str) -> Iterator[Recipe]:
    """The recipes of a page, in order."""
    for found in _RECIPE.finditer(page):
        yield Recipe(found["question"], found["sql"], found["output"])


def answer(release: Path, sql: str) -> str:
    """What ``nianbao query`` prints for a statement."""
    return "".join(f"{line}\n" for line in render(query(release, sql)))


def renewed(page: str, release: Path) -> str:
    """The page with every output as the release gives it now."""

    def renew(found: re.Match[str]) -> str:
        whole = found[0]
        before = whole[: found.start("output") - found.start()]
        return f"{before}{answer(release, found['sql'])}```"

    return _RECIPE.sub(renew, page)


if __name__ == "__main__":
    path, release = map(Path, sys.argv[1:])
    path.write_text(renewed(path.read_text(encoding="utf-8"), release), encoding="utf-8")
