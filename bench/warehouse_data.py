"""Synthetic (合成) tables of any size for the benchmarks of the warehouse, made in DuckDB and written as a lake.

Nothing here imitates a real report: names are numbers, sentences say that they are synthetic. The shape is that of the
real thing: reports of ``townships`` x ``years``, about 39 observations and 51 mentions each, over the real
dictionary's indicators.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pyarrow as pa

from seeds import SEEDS
from warehouse.contracts import FINDINGS, MENTIONS, OBSERVATIONS, REPORTS, Contract
from warehouse.lake import PART
from warehouse.schema import duckdb_type, name, to_arrow

FIRST_YEAR = 2016


def indicators() -> list[tuple[object, ...]]:
    """The real dictionary, as far as the contract's columns go."""
    with (SEEDS / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["indicator"] for row in rows}
    return [
        (
            row["indicator"], row["name_zh"], row["name_en"], row["domain"], row["unit"], row["aggregation"],
            row["part_of"] if row["part_of"] in known else None, row["ratio_of"] or None, None, None, row["definition"],
        )
        for row in rows
    ]  # fmt: skip


def townships(count: int) -> pa.Table:
    """``count`` units in 31 provinces, 14 units a county, 9 counties a prefecture."""
    sql = f"""
        SELECT (11 + p) || lpad((c // 9 % 99 + 1)::VARCHAR, 2, '0') || lpad((c % 9 + 1)::VARCHAR, 2, '0')
                 || lpad((100 + i % 14)::VARCHAR, 3, '0') AS township_code,
               '合成' || i || '镇' AS township, ['镇', '乡', '街道'][1 + i % 3] AS kind,
               township_code[1:6] AS county_code, '合成县' || c AS county, township_code[1:4] AS city_code,
               '合成市' || (c // 9) AS city, township_code[1:2] AS province_code, '合成省' || p AS province,
               5 + i % 20 AS village_count, TRUE AS ordinary
        FROM (SELECT i, p, (i - p * {count} // 31) // 14 AS c
              FROM (SELECT i, i * 31 // {count} AS p FROM range({count}) r(i)))
        QUALIFY row_number() OVER (PARTITION BY township_code ORDER BY i) = 1
        ORDER BY township_code
    """
    with duckdb.connect() as connection:
        return connection.sql(sql).to_arrow_table()


def build_lake(root: Path, units: pa.Table, years: int) -> None:
    """Write reports, mentions and observations of every unit and year under ``root``."""
    with duckdb.connect() as connection:
        connection.register("units", units)
        rows = indicators()
        named = {"indicator": [row[0] for row in rows], "unit": [row[4] for row in rows], "at": list(range(len(rows)))}
        connection.register("dictionary", pa.table(named))
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            connection.execute(_reports(year))
            connection.execute(_cells())
            _write(connection, root, REPORTS, year, "SELECT * FROM r")
            _write(connection, root, OBSERVATIONS, year, _observations())
            _write(connection, root, MENTIONS, year, _mentions())


def findings(root: Path, run_id: str) -> pa.Table:
    """One finding for every second report of a lake, one in ten of them a warning."""
    sql = f"""
        SELECT '{run_id}' AS run_id, CASE WHEN hash(report_id) % 20 = 0 THEN 'warning' ELSE 'info' END AS severity,
               'late' AS "check", report_id, township_code, report_year, NULL::VARCHAR AS indicator,
               NULL::INTEGER AS ordinal, '合成发现' AS message, 'synthetic' AS message_en, '' AS evidence
        FROM read_parquet('{root}/{REPORTS.name}/*/{PART}', hive_partitioning = false) WHERE hash(report_id) % 2 = 0
    """
    with duckdb.connect() as connection:
        return to_arrow(FINDINGS, connection.sql(sql).to_arrow_table())


def _reports(year: int) -> str:
    return f"""
        CREATE OR REPLACE TABLE r AS
        SELECT township_code || '-{year}-' || md5(township_code)[1:8] AS report_id, township_code,
               {year} AS report_year,
               '合成报告' AS title, NULL AS publisher,
               make_date({year + 1}, 1 + (hash(township_code) % 5)::INT, 15) AS published_on,
               'synthetic:' || township_code || '/{year}' AS source_uri, TIMESTAMP '2026-01-01' AS retrieved_at,
               md5(township_code || '{year}') || md5('{year}' || township_code) AS sha256, 'text/plain' AS media_type,
               'utf-8' AS encoding, 3000 AS characters, 0 AS damage, 'published' AS status, NULL AS period_end,
               hash(township_code, {year}) % 50 = 0 AS partial, '{{}}' AS identity, 'rules' AS rules, 'bench' AS run_id,
               FALSE AS ocr, 0 AS unread_pages
        FROM units WHERE hash(township_code, {year}, 'r') % 40 > 0
    """


def _cells() -> str:
    return """
        CREATE OR REPLACE TABLE cells AS
        SELECT r.report_id, r.township_code, r.report_year, d.indicator, d.unit, hash(r.report_id, d.at) AS h,
               row_number() OVER (PARTITION BY r.report_id ORDER BY d.at) AS ordinal
        FROM r CROSS JOIN dictionary d
        WHERE hash(r.report_id, d.at, 'x') % 1000 < CASE WHEN d.at < 30 THEN 500 WHEN d.at < 100 THEN 200 ELSE 60 END
           OR (d.indicator IN ('resident_population', 'villages_communities') AND hash(r.report_id, d.at) % 3 > 0)
    """


def _observations() -> str:
    return """
        SELECT township_code, report_year, indicator,
               CASE WHEN h % 97 = 0 THEN NULL WHEN h % 29 = 0 THEN 0 ELSE (h // 1000 % 1000) END AS value,
               NULL AS value_high, unit, CASE WHEN h % 11 = 0 THEN 'about' ELSE 'exact' END AS qualifier,
               CASE WHEN h % 97 = 0 THEN 'conflict' WHEN h % 29 = 0 THEN 'stated_zero' ELSE 'reported' END
                 AS status,
               report_id, CASE WHEN h % 97 = 0 THEN NULL ELSE ordinal END AS ordinal, [] AS rivals,
               NULL AS machine_value
        FROM cells
    """


def _mentions() -> str:
    return """
        SELECT report_id, report_year, ordinal, h // 1000 % 1000 || '件' AS surface, h // 1000 % 1000 AS value,
               NULL AS value_high, '件' AS unit, '件' AS unit_surface, 1 AS factor, 'exact' AS qualifier,
               CASE WHEN h % 29 = 0 THEN 'zero' ELSE 'actual' END AS kind, 'township' AS scope, NULL AS part_of_ordinal,
               CASE WHEN indicator IS NULL THEN [] ELSE [indicator] END AS indicators, [] AS about,
               -- what no indicator fits has a long tail of nouns: 200,000, the first ones far more often than the last
               CASE WHEN indicator IS NULL THEN '事项' || (200000 * pow(h // 7 % 100000 / 100000, 4))::INT
                    ELSE ['案件', '活动', '文件', '人员', '会议'][1 + (h // 7 % 5)::INT] END AS head,
               'rule' AS rule, 0.9 AS confidence,
               FALSE AS damaged, '一、合成章节 > （一）合成小节' AS section,
               '本句为合成数据，全年办理事项' || h // 1000 % 1000 || '件。' AS sentence,
               ordinal * 40 AS start, ordinal * 40 + 4 AS "end", ordinal * 40 AS source_start,
               ordinal * 40 + 4 AS source_end
        FROM (SELECT report_id, report_year, ordinal, indicator, h FROM cells
              UNION ALL
              SELECT report_id, report_year, 1000 + k, NULL, hash(report_id, k, 'm') FROM r, range(12) s(k))
    """


def _write(connection: duckdb.DuckDBPyConnection, root: Path, contract: Contract, year: int, sql: str) -> None:
    folder = root / contract.name / f"report_year={year}"
    folder.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"CAST({name(field.name)} AS {duckdb_type(field)}) AS {name(field.name)}" for field in contract)
    rows = f"SELECT {columns} FROM ({sql}) ORDER BY {', '.join(contract.key)}"
    connection.execute(f"COPY ({rows}) TO '{folder / PART}' (FORMAT parquet, COMPRESSION zstd)")
