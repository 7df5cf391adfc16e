"""The catalog: the views and macros of ``views.sql`` with their meanings, beside the tables of the contracts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from warehouse.contracts import INDICATORS, MENTIONS, OBSERVATIONS, RELEASE_TABLES, REPORTS, TOWNSHIPS, Column
from warehouse.schema import DATA_DICTIONARY, DictionaryEntry, comment, entries, name, quote

_INHERIT = (OBSERVATIONS, REPORTS, TOWNSHIPS, INDICATORS, MENTIONS, *RELEASE_TABLES)
"""Where a view's column that says nothing of its own finds its meaning: the first table that has the name."""


class Block(NamedTuple):
    """One view or macro of ``views.sql``; ``columns`` are the meanings that it states itself.

    A ``stored`` view is a table whose rows the release holds; to those who ask it is a view like the others.
    """

    kind: Literal["view", "stored", "macro"]
    name: str
    parameters: str
    zh: str
    en: str
    columns: Mapping[str, Column]
    sql: str

    @property
    def by_year(self) -> bool:
        """Whether its rows are each of one year, and follow from that year's."""
        return "$years" in self.sql


_KINDS: Mapping[str, Literal["view", "stored", "macro"]] = {"VIEW": "view", "STORED": "stored", "MACRO": "macro"}


@cache
def blocks() -> tuple[Block, ...]:
    """The views and macros in the order in which they must be created."""
    text = files("warehouse").joinpath("views.sql").read_text(encoding="utf-8")
    return tuple(_block(part) for part in re.split(r"^(?=-- (?:VIEW|STORED|MACRO) )", text, flags=re.MULTILINE)[1:])


def _block(part: str) -> Block:
    head, *lines = part.splitlines()
    title, zh, en = head.split(" | ")
    kind, called = title.removeprefix("-- ").split(" ", 1)
    columns: dict[str, Column] = {}
    for line in lines:
        if line.startswith("-- COLUMN "):
            column, *meaning = line.removeprefix("-- COLUMN ").split(" | ")
            columns[column] = Column(*meaning)
    sql = "\n".join(line for line in lines if not line.startswith("--")).strip()
    called, _, parameters = called.partition("(")
    return Block(_KINDS[kind], called, parameters.removesuffix(")"), zh, en, columns, sql)


def create(block: Block, indicators: Iterable[str], years: str = "TRUE") -> str:
    """The statement that creates a view or macro; the wide view has one column for each of ``indicators``.

    A stored view that is made a year at a time has the ``years`` of this condition.
    """
    columns = ", ".join(f"cells[{quote(indicator)}] AS {name(indicator)}" for indicator in indicators)
    return block.sql.replace("$indicators", columns or "NULL AS indicator").replace("$years", years)


def meaning(block: Block, column: str, indicators: Mapping[str, Column]) -> Column:
    """What a column of a view means; ``indicators`` are the columns that the wide view has of the dictionary.

    Raises:
        KeyError: Neither ``views.sql`` nor any contract says what it means.
    """
    if column in block.columns:
        return block.columns[column]
    if "$indicators" in block.sql and column in indicators:
        return indicators[column]
    for contract in _INHERIT:
        for field in contract:
            if field.name == column:
                return Column(field.zh, field.en, field.unit)
    raise KeyError(f"{block.name}.{column} has no meaning: add '-- COLUMN {column} | 中文 | English' to views.sql")


def view_comments(block: Block, columns: Iterable[str], indicators: Mapping[str, Column]) -> Iterator[str]:
    """``COMMENT ON`` statements of a view and its columns, or of a macro."""
    text = quote(comment(block.zh, block.en))
    if block.kind == "macro":
        yield f"COMMENT ON MACRO TABLE {block.name} IS {text}"
        return
    yield f"COMMENT ON {'TABLE' if block.kind == 'stored' else 'VIEW'} {block.name} IS {text}"
    for column in columns:
        yield f"COMMENT ON COLUMN {block.name}.{name(column)} IS {quote(comment(*meaning(block, column, indicators)))}"


def dictionary(
    columns: Mapping[str, Sequence[tuple[str, str]]], indicators: Mapping[str, Column]
) -> Iterator[DictionaryEntry]:
    """The whole data dictionary.

    Args:
        columns: Each view's columns as (name, type), as DuckDB bound them.
        indicators: What each indicator means, for the columns of the wide view.
    """
    for contract in (*RELEASE_TABLES, DATA_DICTIONARY):
        yield from entries(contract)
    for block in blocks():
        title = f"{block.name}({block.parameters})" if block.kind == "macro" else block.name
        kind: Literal["view", "macro"] = "macro" if block.kind == "macro" else "view"
        yield DictionaryEntry(title, kind, "", "", "", False, (), block.zh, block.en)
        for column, type_ in columns.get(block.name, ()):
            zh, en, unit = meaning(block, column, indicators)
            yield DictionaryEntry(block.name, kind, column, type_, unit, True, (), zh, en)
