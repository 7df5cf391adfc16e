"""Deciding: a person's correction of one cell, appended to the home's file with the evidence it was made against."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flows.corrected import ground
from flows.home import Home
from transforms.corrections import Cell, Decision, decide
from transforms.dictionary import Dictionary
from transforms.registry import Registry
from warehouse import corrections as file
from warehouse.contracts import Correction
from warehouse.lake import Lake
from warehouse.query import query


def township_code(name: str, home: Home) -> str:
    """The code of a township given by code or by a name that is only one's, in the home's release or the registry.

    Raises:
        ValueError: if the name is nobody's or several units'.
    """
    known = _published(name, home)
    if len(known) == 1:
        return known[0]
    registry = Registry.load()
    if name in registry:
        return name
    found = registry.named(name)
    if len(found) == 1:
        return found[0].township_code
    choices = "; ".join(f"{row.township_code} {row.province}{row.city}{row.county}" for row in found[:8])
    raise ValueError(f"{name!r} is {len(found)} townships ({choices}): give the code; 'nianbao townships' looks it up")


def _published(name: str, home: Home) -> list[str]:
    """The codes under which a release knows a township: it may be of another registry, as the demo's is."""
    release = home.storage.bring(home.current)
    if not release.exists():
        return []
    sql = "SELECT township_code FROM townships WHERE $name IN (township_code, township, county || township)"
    return [str(code) for (code,) in query(release, sql, {"name": name}).rows]


def correct_cell(home: Home, cell: Cell, decision: Decision) -> Correction:
    """Append a decision about ``cell`` to the home's corrections; the next run applies it.

    Raises:
        ValueError: the decision is incomplete, or there is no such indicator.
        CorrectionsError: the file has mistakes, which are to be mended first.
    """
    lake = Lake(home.lake)
    probe = Correction(*cell, "confirm", None, decision.remap_to, None, "", "", "", today())
    grounds = ground(lake, [probe], Dictionary.load().units())
    correction = decide(cell, decision, grounds)
    file.append(home.corrections, correction)
    return correction


def today() -> date:
    """Today, as the office that decides counts it."""
    return datetime.now(UTC).astimezone().date()
