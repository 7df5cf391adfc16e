"""Frames: the tables about to be published, as the checks read them.

Reported values are exact decimals in the tables; here alone they become float64, which is exact for every whole number
below 2**53 and lets 2 million mentions be compared in one operation. Nothing computed here is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.bounds import low_high
from expectations.checking import evidence
from warehouse.contracts import Finding, Severity

if TYPE_CHECKING:
    from expectations.shelf import Shelf
    from expectations.wide import Wide

RESOLVED = "办结|化解|整改|解决|结案|处理数"
"""Names of indicators that count what was settled of what came in (办结, 化解, 整改 ...)."""


class IndicatorRow(NamedTuple):
    """What the checks need of an indicator."""

    indicator: str
    name_zh: str
    name_en: str
    unit: str
    aggregation: str
    part_of: str | None
    ratio_of: str | None
    plausible_min: float | None
    plausible_max: float | None


def as_arrow(table: Any) -> pa.Table:
    """An arrow table, from an arrow table or a pandas frame."""
    return table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)


def as_frame(table: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Those of ``columns`` that the table has, decimals as float64."""
    arrow = as_arrow(table)
    kept = arrow.select([name for name in columns if name in arrow.column_names])
    for index, column in enumerate(kept.schema):
        if pa.types.is_decimal(column.type):
            kept = kept.set_column(index, column.name, pc.cast(kept.column(index), pa.float64()))
    return kept.to_pandas()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as mappings from column to value (plain Python values; ``DataFrame.to_dict`` is slower)."""
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, place].tolist() for place in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


class Frames:
    """The tables of a run by name, each turned into a frame when a check first asks for it."""

    def __init__(self, tables: Mapping[str, Any], run_id: str = "", shared: Frames | None = None) -> None:
        self.tables, self.run_id = tables, run_id
        if shared is not None:  # of the parts of one run, which have the same seeds
            self.__dict__ |= {
                name: getattr(shared, name) for name in ("townships", "indicators", "domains", "town_names")
            }

    @cached_property
    def wide(self) -> Wide:
        """What these reports look like beside all others of their year; computed here where these are all."""
        from expectations.shelf import Shelf
        from expectations.wide import Wide, compare

        shelf = Shelf.of(self.tables)
        compare(shelf, self.indicators.values())
        return Wide.of(shelf, self.known_reports)

    def beside(self, shelf: Shelf) -> Frames:
        """These frames as a part of more reports, which were compared already."""
        from expectations.wide import Wide

        self.__dict__["wide"] = Wide.of(shelf, self.known_reports)
        return self

    def _table(self, name: str, columns: str) -> pd.DataFrame:

        names = columns.split()
        return as_frame(self.tables[name], names) if name in self.tables else pd.DataFrame(columns=names)

    @cached_property
    def reports(self) -> pd.DataFrame:
        """The reports that are, or may be, published (superseded ones left out), with their township's registry row."""
        frame = self._table(
            "reports",
            "report_id township_code report_year title source_uri published_on characters damage status partial",
        )
        frame = frame[frame["status"] != "superseded"]
        registry = self.townships[["township_code", "kind", "county_code", "village_count"]]
        return frame.merge(registry, on="township_code", how="left").set_index("report_id", drop=False)

    @cached_property
    def known_reports(self) -> frozenset[str]:
        """Every report of the table, superseded ones included."""
        return frozenset(str(value) for value in as_arrow(self.tables["reports"]).column("report_id").to_pylist())

    @cached_property
    def cell_of(self) -> dict[str, tuple[str, int]]:
        """Township and year of each report."""
        columns = (self.reports[name].tolist() for name in ("report_id", "township_code", "report_year"))
        return {report_id: (code, int(year)) for report_id, code, year in zip(*columns, strict=True)}

    @cached_property
    def townships(self) -> pd.DataFrame:
        """The registry."""
        return self._table(
            "townships",
            "township_code township kind county_code county city_code city province_code province village_count",
        )

    @cached_property
    def indicators(self) -> dict[str, IndicatorRow]:
        """The dictionary by indicator."""
        frame = self._table("indicators", " ".join(IndicatorRow._fields))
        frame = frame.astype(object).where(pd.notna(frame), None).reindex(columns=list(IndicatorRow._fields))
        rows = [IndicatorRow(*row) for row in frame.itertuples(index=False, name=None)]
        return {row.indicator: row._replace(part_of=row.part_of or None, ratio_of=row.ratio_of or None) for row in rows}

    @cached_property
    def domains(self) -> dict[str, str]:
        """The domain of each indicator."""
        frame = self._table("indicators", "indicator domain")
        return dict(zip(frame["indicator"], frame["domain"], strict=True))

    @cached_property
    def town_names(self) -> dict[str, str]:
        """The name of each township."""
        return dict(zip(self.townships["township_code"].tolist(), self.townships["township"].tolist(), strict=True))

    @cached_property
    def mentions(self) -> pd.DataFrame:
        """Every mention but its lists, in the order of report and ordinal, with ``low`` and ``high`` bounds."""
        frame = self._table(
            "mentions",
            "report_id report_year ordinal surface value value_high unit unit_surface factor qualifier kind scope "
            "part_of_ordinal head confidence damaged sentence start end",
        )
        frame["part_of_ordinal"] = frame["part_of_ordinal"].fillna(0).astype("int64")
        frame["low"], frame["high"] = low_high(frame)
        return frame

    def registered(self, codes: pd.Series[Any]) -> pd.Series[Any]:
        """The township codes that the registry has, empty texts for others; only the different ones are looked up."""
        known = [code for code in codes.unique().tolist() if code in self.town_names]
        return codes.where(codes.isin(known), "")

    def _exploded(self, column: str) -> pd.DataFrame:
        """Mentions once for each entry of a list column, which becomes ``indicator``."""
        if "mentions" not in self.tables:
            return self.mentions.assign(indicator=[])
        lists = as_arrow(self.tables["mentions"]).column(column).combine_chunks()
        rows = pc.list_parent_indices(lists).to_numpy()
        frame = self.mentions.iloc[rows].copy()
        frame["indicator"] = pc.list_flatten(lists).to_pandas().to_numpy()
        return frame.reset_index(drop=True)

    @cached_property
    def stating(self) -> pd.DataFrame:
        """Mentions once for each indicator that they state, of any kind and scope."""
        return self._exploded("indicators")

    @cached_property
    def stated(self) -> pd.DataFrame:
        """The township's own totals: kind ``actual`` or ``zero``, scope ``township``, with a value."""
        frame = self.stating
        own = frame["kind"].isin(["actual", "zero"]) & (frame["scope"] == "township") & frame["value"].notna()
        return frame[own]

    @cached_property
    def about(self) -> pd.DataFrame:
        """Mentions once for each indicator that they speak of and do not state (changes, last year's levels, parts)."""
        return self._exploded("about")

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Every observation, those without a value (conflicts) included."""
        frame = self._table(
            "observations",
            "township_code report_year indicator value value_high unit qualifier status report_id ordinal",
        )
        frame["ordinal"] = frame["ordinal"].fillna(0).astype("int64")
        return frame

    @cached_property
    def observations(self) -> pd.DataFrame:
        """The cells with a value, with ``low`` and ``high`` bounds, and the mention's sentence, unit and factor."""
        frame = self.cells[self.cells["value"].notna()].copy()
        frame["low"], frame["high"] = low_high(frame)
        told = self.mentions[["report_id", "ordinal", "sentence", "unit_surface", "factor", "surface"]]
        return frame.merge(told, on=["report_id", "ordinal"], how="left").reset_index(drop=True)

    @cached_property
    def texts(self) -> Texts:
        """The cleaned texts by report."""
        return Texts(self.tables.get("texts"))

    def paired(self, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
        """Observations of two indicators in one report, side by side (columns with ``_a`` and ``_b``).

        Args:
            pairs: Indicators (a, b) to put beside one another.
        """
        wanted = pd.DataFrame(list(pairs), columns=["indicator_a", "indicator_b"])
        keys = ["report_id", "township_code", "report_year"]
        left = self.observations.add_suffix("_a").rename(columns={f"{key}_a": key for key in keys})
        right = self.observations.add_suffix("_b").rename(columns={f"{key}_b": key for key in keys})
        left = left.merge(wanted, on="indicator_a")
        return left.merge(right, on=[*keys, "indicator_b"])

    def name(self, indicator: str | None) -> tuple[str, str]:
        """Chinese and English name of an indicator; its code where the dictionary lacks it."""
        row = self.indicators.get(indicator or "")
        return (row.name_zh, row.name_en) if row else (indicator or "", indicator or "")

    def finding(  # noqa: PLR0913 - a finding has that many particulars
        self,
        check: str,
        severity: Severity,
        zh: str,
        en: str,
        *sentences: str,
        report_id: str | None = None,
        township_code: str | None = None,
        report_year: int | None = None,
        indicator: str | None = None,
        ordinal: int | None = None,
    ) -> Finding:
        """A finding of this run; township and year are filled in from the report where only that is given."""
        if report_id is not None and township_code is None:
            township_code, report_year = self.cell_of.get(report_id, (None, None))
        year = None if report_year is None else int(report_year)
        place = int(ordinal) if ordinal else None
        said = evidence(*sentences)
        return Finding(self.run_id, severity, check, report_id, township_code, year, indicator, place, zh, en, said)


class Texts:
    """Cleaned texts, one made at a time: 40,000 of them are not all held as Python strings."""

    def __init__(self, table: Any | None) -> None:
        self._texts: Any = None
        self._places: dict[str, int] = {}
        if table is not None:
            arrow = as_arrow(table)
            self._texts = arrow.column("text")
            self._places = {str(key): place for place, key in enumerate(arrow.column("report_id").to_pylist())}

    def __contains__(self, report_id: str) -> bool:
        return report_id in self._places

    def __getitem__(self, report_id: str) -> str:
        """The text of a report; empty where the lake has none."""
        place = self._places.get(report_id)
        return "" if place is None else str(self._texts[place].as_py() or "")
