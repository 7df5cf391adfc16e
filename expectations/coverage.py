"""Coverage in the run report: the lists of areas and of who is missing, and each year as a map of tiles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from expectations.frames import records
from expectations.run_report import CoverageCounts, CoverageMap, CoverageRow, Level, MissingRow, Step, Tile, TileRow
from expectations.shelf import Shelf

LEVELS: tuple[Level, ...] = ("province", "city", "county")
TILES = 400
"""With more counties than these the tiles are prefectures: a picture is looked at, not searched."""
YEARS = 6
"""Years that are drawn; the lists have all."""
SHARES: tuple[tuple[float, Step], ...] = ((1.0, "all"), (0.75, "most"), (0.4, "half"))
COUNTS = ["expected", "on_time", "undated", "late", "quarantined", "unreadable", "refused", "not_published"]


def coverage_frame(areas: Any) -> pd.DataFrame:
    """Areas and years, the newest year first, provinces before prefectures before counties, the most missing first."""
    frame: pd.DataFrame = areas.to_pandas()
    frame["rank"] = frame["level"].map({level: rank for rank, level in enumerate(LEVELS)})
    order = ["report_year", "rank", "missing", "area_code"]
    frame = frame.sort_values(order, ascending=[False, True, False, True], ignore_index=True)
    return frame[[*CoverageRow.model_fields, "received_percent"]]


def list_missing(shelf: Shelf, standings: Any) -> None:
    """Make ``missing_list``: expected reports that are not here, why, and the day by which they had to be public."""
    columns = ", ".join("outcome AS reason" if name == "reason" else name for name in MissingRow.model_fields)
    shelf.connection.register("expected_reports", standings)
    shelf.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE missing_list AS SELECT {columns} FROM expected_reports"
        " WHERE outcome <> 'received' ORDER BY report_year DESC, township_code"
    )
    shelf.connection.unregister("expected_reports")


def overdue(shelf: Shelf, now: datetime | None) -> int:
    """How many of the missing were due before today; all of them where the day is not known."""
    before = "TRUE" if now is None else f"due_on < DATE '{now.date()}'"
    return int(shelf.value(f"SELECT count(*) FROM missing_list WHERE {before}"))


def coverage_rows(frame: pd.DataFrame) -> Iterator[CoverageRow]:
    """Models of areas and years."""
    for row in records(frame):
        city = row["city"] if isinstance(row["city"], str) else None
        yield CoverageRow.model_validate({**{name: row[name] for name in CoverageRow.model_fields}, "city": city})


def missing_rows(frame: pd.DataFrame) -> Iterator[MissingRow]:
    """Models of missing townships."""
    for row in records(frame):
        yield MissingRow(**row)


def coverage_maps(frame: pd.DataFrame) -> tuple[CoverageMap, ...]:
    """The newest years as maps; of the frame that ``coverage_frame`` makes."""
    years = sorted((int(year) for year in frame["report_year"].unique()), reverse=True)
    return tuple(_map(year, frame[frame["report_year"] == year]) for year in years[:YEARS])


def _map(year: int, frame: pd.DataFrame) -> CoverageMap:
    many = int((frame["level"] == "county").sum()) > TILES
    level: Level = "city" if many else "county"
    tiles = frame[frame["level"] == level].sort_values("area_code")
    above = tiles["province"] if many else [_city(row) for row in records(tiles)]
    rows = [
        TileRow(area=str(area), tiles=tuple(_tile(row) for row in records(group)))
        for area, group in tiles.groupby(pd.Series(list(above), tiles.index), sort=False)  # a list of one is a key
    ]
    sums = {name: int(frame.loc[frame["level"] == "province", name].sum()) for name in COUNTS}
    sums["unusable"] = sums.pop("unreadable") + sums.pop("refused")
    return CoverageMap(report_year=year, level=level, whole=CoverageCounts(**sums), rows=tuple(rows))


def _city(row: dict[str, Any]) -> str:
    """Province and prefecture, once where they are the same; the prefecture's placeholder says nothing."""
    names = dict.fromkeys((row["province"], row["city"]))
    return "".join(name for name in names if "直辖" not in name)


def _tile(row: dict[str, Any]) -> Tile:
    share = row["received"] / row["expected"]
    step = next((step for least, step in SHARES if share >= least), "few" if share else "none")
    return Tile(area=row["area"], expected=row["expected"], received=row["received"], step=step)
