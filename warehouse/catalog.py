"""The catalog: the views and macros of ``views.sql`` with their meanings, beside the tables of the contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from warehouse.contracts import INDICATORS, MENTIONS, OBSERVATIONS, RELEASE_TABLES, REPORTS, TOWNSHIPS, Column
from warehouse.schema import DATA_DICTIONARY, DictionaryEntry, comment, entries, name, quote

_INHERIT = (OBSERVATIONS, REPORTS, TOWNSHIPS, INDICATORS, MENTIONS, *RELEASE_TABLES)
"""Where a view's column that says nothing of its own finds its meaning: the first table that has the name."""


class Block(NamedTuple):
    """One view or macro of ``views.sql``; ``columns`` are the meanings that it states itself."""

    kind: Literal["view", "macro"]
    name: str
    parameters: str
    zh: str
    en: str
    columns: Mapping[str, Column]
    sql: str


@cache
def blocks() -> tuple[Block, ...]:
    """The views and macros in the order in which they must be created."""
    text = files("warehouse").joinpath("views.sql").read_text(encoding="utf-8")
    return tuple(_block(part) for part in re.split(r"^(?=-- (?:VIEW|MACRO) )", text, flags=re.MULTILINE)[1:])


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
    return Block("view" if kind == "VIEW" else "macro", called, parameters.removesuffix(")"), zh, en, columns, sql)


def meaning(block: Block, column: str) -> Column:
    """What a column of a view means.

    Raises:
        KeyError: Neither ``views.sql`` nor any contract says what it means.
    """
    if column in block.columns:
        return block.columns[column]
    for contract in _INHERIT:
        for field in contract:
            if field.name == column:
                return Column(field.zh, field.en, field.unit)
    raise KeyError(f"{block.name}.{column} has no meaning: add '-- COLUMN {column} | 中文 | English' to views.sql")


def view_comments(block: Block, columns: Sequence[str]) -> Iterator[str]:
    """``COMMENT ON`` statements of a view and its columns, or of a macro."""
    text = quote(comment(block.zh, block.en))
    if block.kind == "macro":
        yield f"COMMENT ON MACRO TABLE {block.name} IS {text}"
        return
    yield f"COMMENT ON VIEW {block.name} IS {text}"
    for column in columns:
        yield f"COMMENT ON COLUMN {block.name}.{name(column)} IS {quote(comment(*meaning(block, column)))}"


def dictionary(view_columns: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[DictionaryEntry]:
    """The whole data dictionary; ``view_columns`` gives each view's columns as (name, type), as DuckDB bound them."""
    for contract in (*RELEASE_TABLES, DATA_DICTIONARY):
        yield from entries(contract)
    for block in blocks():
        title = f"{block.name}({block.parameters})" if block.kind == "macro" else block.name
        yield DictionaryEntry(title, block.kind, "", "", "", False, (), block.zh, block.en)
        for column, kind in view_columns.get(block.name, ()):
            zh, en, unit = meaning(block, column)
            yield DictionaryEntry(block.name, block.kind, column, kind, unit, True, (), zh, en)
