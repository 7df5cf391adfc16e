"""Schemas: the parquet schema, the DuckDB DDL, the comments and the data dictionary, all derived from the contracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

import pyarrow as pa

from warehouse.contracts import Column, Contract, Field

DECIMAL_PRECISION, DECIMAL_SCALE = 24, 6
"""18 digits before the point hold any amount a township could report in fen; six after it hold every unit factor."""
DECIMAL_LIMIT = Decimal(10) ** (DECIMAL_PRECISION - DECIMAL_SCALE)

_DUCKDB = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": f"DECIMAL({DECIMAL_PRECISION},{DECIMAL_SCALE})",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    # Without a zone: times are UTC by contract, and a zoned type would need a further library in every client.
    "timestamp": "TIMESTAMP",
    "texts": "VARCHAR[]",
}

_ARROW: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "texts": pa.list_(pa.string()),
}


class ContractError(ValueError):
    """Rows that do not fit their contract: the table, the column, the row and what to do."""


class DictionaryEntry(NamedTuple):
    """One line of the data dictionary: a column, or (``column_name`` empty) a whole table, view or macro."""

    relation: Annotated[str, Column("表、视图或宏", "table, view or macro")]
    relation_kind: Annotated[Literal["table", "view", "macro"], Column("种类", "table, view or macro")]
    column_name: Annotated[str, Column("列名", "column; empty for the relation itself")]
    type: Annotated[str, Column("类型", "DuckDB type")]
    unit: Annotated[str, Column("单位", "unit of its numbers")]
    nullable: Annotated[bool, Column("可否为空", "whether it may be empty")]
    domain: Annotated[tuple[str, ...], Column("取值", "the values it may have, where they are a closed list")]
    zh: Annotated[str, Column("中文含义", "meaning in Chinese")]
    en: Annotated[str, Column("英文含义", "meaning in English")]


DATA_DICTIONARY = Contract(
    "data_dictionary",
    DictionaryEntry,
    key=("relation", "column_name"),
    zh="数据字典",
    en="every table, view, macro and column with its meaning",
)


def arrow_type(field: Field) -> pa.DataType:
    """The arrow type of a column."""
    return _ARROW[field.type]


def arrow_schema(contract: Contract) -> pa.Schema:
    """The parquet schema of a table: its columns in order, with their nullability."""
    return pa.schema([pa.field(field.name, arrow_type(field), nullable=field.nullable) for field in contract])


def to_arrow(contract: Contract, rows: Iterable[tuple[Any, ...]] | pa.Table) -> pa.Table:
    """Rows of a table as arrow, column by column.

    Args:
        contract: The table.
        rows: An arrow table with the contract's columns (in any order), or row tuples in the contract's column order;
            a table of two row types beside one another takes the tuples joined (``(*ReportKey(...), *Mention(...))``).

    Times that know their zone are stored as UTC, others are taken to be UTC.

    Raises:
        ContractError: A column is missing, a row has another length, a value has another type, a value that may not
            be empty is, or a decimal does not fit DECIMAL(24,6) exactly.
    """
    schema = arrow_schema(contract)
    table = _conform(contract, rows, schema) if isinstance(rows, pa.Table) else _from_rows(contract, list(rows), schema)
    for field in contract:
        if not field.nullable and (count := table.column(field.name).null_count):
            raise ContractError(
                f"{contract.name}.{field.name}: {count} of {table.num_rows} rows are empty, but the column may not be"
            )
    return table


def _conform(contract: Contract, table: pa.Table, schema: pa.Schema) -> pa.Table:
    missing = [name for name in contract.names if name not in table.column_names]
    if missing:
        raise ContractError(f"{contract.name}: columns {', '.join(missing)} are missing; see warehouse/contracts.py")
    try:
        return table.select(list(contract.names)).cast(schema).replace_schema_metadata(None)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise ContractError(f"{contract.name}: {error}") from error


def _from_rows(contract: Contract, rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    if not rows:
        return schema.empty_table()
    width = len(contract.names)
    if odd := next((row for row in rows if len(row) != width), None):
        raise ContractError(f"{contract.name}: a row has {len(odd)} values, the contract {width} columns: {odd}")
    arrays = [
        _array(contract, field, column, schema) for field, column in zip(contract, zip(*rows, strict=True), strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(contract: Contract, field: Field, column: Sequence[Any], schema: pa.Schema) -> pa.Array[Any]:
    try:
        array: pa.Array[Any] = pa.array(column, type=schema.field(field.name).type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        at = next(_misfits(field, column), None)
        where = "" if at is None else f" in row {at + 1} of {len(column)}, which has {column[at]!r}"
        raise ContractError(f"{contract.name}.{field.name}: not a {_DUCKDB[field.type]}{where}: {error}") from error
    return array


def _misfits(field: Field, column: Sequence[Any]) -> Iterator[int]:
    """The places of the values that do not fit on their own: slow, for the error message only."""
    for at, value in enumerate(column):
        try:
            pa.array([value], type=arrow_type(field))
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            yield at


def fits(value: Decimal) -> bool:
    """Whether a value can be stored exactly as DECIMAL(24,6)."""
    if not value.is_finite() or abs(value) >= DECIMAL_LIMIT:
        return False
    return value == round(value, DECIMAL_SCALE)


def to_rows(contract: Contract, table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of an arrow table as plain tuples in the contract's order; lists become tuples, a batch at a time."""
    lists = [index for index, field in enumerate(contract) if field.type == "texts"]
    for batch in table.select(list(contract.names)).to_batches(max_chunksize=50_000):
        columns = [column.to_pylist() for column in batch.columns]
        for index in lists:
            columns[index] = [None if value is None else tuple(value) for value in columns[index]]
        yield from zip(*columns, strict=True)


def quote(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def duckdb_type(field: Field) -> str:
    """The DuckDB type of a column."""
    return _DUCKDB[field.type]


def ddl(contract: Contract) -> str:
    """``CREATE TABLE`` of a table, without a primary key: on 20 million rows it costs six times the space.

    Uniqueness, references and closed domains are proved by ``warehouse/checks.py`` before a release is published.
    """
    columns = ",\n".join(
        f"  {name(field.name)} {duckdb_type(field)}{'' if field.nullable else ' NOT NULL'}" for field in contract
    )
    return f"CREATE TABLE {contract.name} (\n{columns}\n)"


def comment(zh: str, en: str, unit: str = "") -> str:
    """The text of a COMMENT: Chinese, then English, then the unit of the numbers."""
    return f"{zh} / {en}" + (f" [{unit}]" if unit else "")


def comments(contract: Contract) -> Iterator[str]:
    """``COMMENT ON`` statements of a table and its columns."""
    yield f"COMMENT ON TABLE {contract.name} IS {quote(comment(contract.zh, contract.en))}"
    for field in contract:
        text = quote(comment(field.zh, field.en, field.unit))
        yield f"COMMENT ON COLUMN {contract.name}.{name(field.name)} IS {text}"


def entries(contract: Contract) -> Iterator[DictionaryEntry]:
    """The data dictionary of a table: the table, then its columns."""
    yield DictionaryEntry(contract.name, "table", "", "", "", False, (), contract.zh, contract.en)
    for field in contract:
        yield DictionaryEntry(
            contract.name,
            "table",
            field.name,
            duckdb_type(field),
            field.unit,
            field.nullable,
            field.values,
            field.zh,
            field.en,
        )


def by_name(contracts: Iterable[Contract]) -> Mapping[str, Contract]:
    """Contracts by their names."""
    return {contract.name: contract for contract in contracts}
