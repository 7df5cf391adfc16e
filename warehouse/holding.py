"""Holding: the tables about to be published, where they lie: the lake's files, with people's corrections over them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.bounded import connect
from warehouse.contracts import FINDINGS, LAKE_TABLES, MENTIONS, OBSERVATIONS, REPORTS, RUNS, TEXTS
from warehouse.lake import Lake, scan
from warehouse.schema import quote
from warehouse.years import Years, years_of

FROM_RELEASE = ("reports", "mentions", "observations")
"""Tables of the last release that the checks and the run report compare with."""


CONTRACTS = {contract.name: contract for contract in (MENTIONS, TEXTS)}
"""Tables of which corrections change nothing: what people correct are observations."""


class Holding:
    """The lake, the cells that corrections put in the place of the machine's, and the seeds as tables by name.

    ``run_id`` is the run whose findings are told: the lake keeps those of every run. ``held`` are the reports that are
    kept out: their status is ``quarantined``. ``memory`` is the folder of what is kept of each year.
    """

    def __init__(
        self,
        lake: Lake,
        cells: pa.Table,
        seeds: Mapping[str, pa.Table],
        run_id: str,
        held: Collection[str] = (),
        memory: Path | None = None,
    ) -> None:
        self.lake, self.cells, self.seeds, self.run_id, self.held = lake, cells, seeds, run_id, held
        self.memory = memory

    def without(self, held: Collection[str]) -> Holding:
        """The same with these reports kept out."""
        return Holding(self.lake, self.cells, self.seeds, self.run_id, held, self.memory)

    def years(self, before: Mapping[int, str] | None = None) -> Years:
        """The years, beside their states ``before``, in a release."""
        rows = self.lake.find(REPORTS, None, "report_id", self.held, ("report_year", "report_id")).to_pylist()
        held = ((row["report_year"], row["report_id"]) for row in rows)
        return years_of(self.lake, self.cells, self.memory).without(held)._replace(before=before)

    @contextmanager
    def open(self, previous: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database with a view of every table (``previous_...`` of the last release's); its memory is bounded."""
        with connect(self.lake.root) as connection:
            self.show(connection)
            if previous is not None:
                connection.execute(f"ATTACH {quote(str(previous))} AS earlier (READ_ONLY)")
                for name in FROM_RELEASE:
                    connection.execute(f"CREATE VIEW previous_{name} AS FROM earlier.{name}")
            yield connection

    def of_reports(self, table: str, reports: Collection[str], columns: Sequence[str] = ()) -> pa.Table:
        """The rows of some reports in a table of the lake that corrections leave alone, in the order of the files."""
        return self.lake.find(CONTRACTS[table], None, "report_id", reports, columns)

    def show(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables views of a connection."""
        for contract in (*LAKE_TABLES, RUNS):
            query = scan(contract, self.lake.files(contract, self.run_id if contract is FINDINGS else None))
            if contract is OBSERVATIONS and self.cells.num_rows:
                connection.register("corrected_rows", self.cells)
                connection.execute("CREATE TABLE corrected_cells AS FROM corrected_rows")
                connection.unregister("corrected_rows")
                keys = ", ".join(f"o.{key} = c.{key}" for key in OBSERVATIONS.key).replace(", ", " AND ")
                query = f"FROM ({query}) o ANTI JOIN corrected_cells c ON {keys} UNION ALL BY NAME FROM corrected_cells"
            if contract is REPORTS and self.held:
                connection.register("held_rows", pa.table({"report_id": pa.array(sorted(self.held), pa.string())}))
                connection.execute("CREATE TABLE held_reports AS FROM held_rows")
                connection.unregister("held_rows")
                status = "CASE WHEN report_id IN (FROM held_reports) THEN 'quarantined' ELSE status END AS status"
                query = f"SELECT * REPLACE ({status}) FROM ({query})"
            connection.execute(f"CREATE VIEW {contract.name} AS {query}")
        for name, table in self.seeds.items():
            connection.register("seed_rows", table)
            connection.execute(f"CREATE TABLE {name} AS FROM seed_rows")
            connection.unregister("seed_rows")
