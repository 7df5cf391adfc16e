"""Copied: findings about reports that repeat one another under two townships or two years.

What is compared is kept beside the lake, so that a text is looked at once: its fingerprint follows from the text, the
names of its township and ``transforms/similarity.py``, and is made anew where one of these is another. Of all reports
only the signatures are held at once, and the rest of those that agree in one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms import similarity
from transforms.registry import Registry
from transforms.rules import digest_files
from transforms.similarity import FEWEST, Copy, Fingerprint, candidates, fingerprint, near
from warehouse.contracts import REPORTS, TEXTS, Finding
from warehouse.files import swap

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from warehouse.lake import Lake

TOGETHER = 1000
"""Fingerprints that are written at once."""
PARTS = ("masked", "exact", "figures")


class Titled(NamedTuple):
    """A report that stands, as far as a finding names it."""

    report_id: str
    township_code: str
    report_year: int
    title: str


def copied_texts(lake: Lake, kept: Path, run_id: str) -> list[Finding]:
    """A warning for each pair of near-identical published reports, with what share of them agrees.

    Args:
        lake: The lake with reports and texts.
        kept: The file with the fingerprints of earlier runs; it is brought up to date.
        run_id: The run that finds.
    """
    rows = zip(*lake.read(REPORTS, columns=(*Titled._fields, "status")).to_pydict().values(), strict=True)
    standing = {row[0]: Titled(*row[:4]) for row in rows if row[4] == "published"}
    _bring_up_to_date(lake, kept, standing)
    return [_finding(pair, standing, run_id) for pair in _pairs(kept, standing)]


def _bring_up_to_date(lake: Lake, kept: Path, standing: Mapping[str, Titled]) -> None:
    """Leave in the file the fingerprints of the reports that stand, those of new ones made."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    binary = [(name, pa.binary()) for name in (*PARTS, "signature")]
    basis = digest_files((Path(similarity.__file__),)) + Registry.load().digest
    columns: list[tuple[str, pa.DataType]] = [("report_id", pa.string()), ("sentences", pa.int32()), *binary]
    schema = pa.schema(columns, {"basis": basis})
    old = pq.ParquetFile(kept) if kept.exists() else None
    if old is not None and not old.schema_arrow.equals(schema, check_metadata=True):
        old = None
    known = set() if old is None else set(old.read(columns=["report_id"]).column("report_id").to_pylist())
    if known == standing.keys():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_name(kept.name + ".tmp")
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for group in range(old.num_row_groups if old is not None else 0):
            table = old.read_row_group(group) if old is not None else schema.empty_table()
            here = pc.is_in(table.column("report_id"), value_set=pa.array(sorted(standing), type=pa.string()))
            writer.write_table(table.filter(here).cast(schema))
        _write_new(writer, schema, lake, {one: standing[one] for one in standing.keys() - known})
    swap(beside, kept)


def _write_new(writer: pq.ParquetWriter, schema: pa.Schema, lake: Lake, new: Mapping[str, Titled]) -> None:
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    for one in _fingerprints(lake, new):
        arrays = {name: getattr(one, name).tobytes() for name in (*PARTS, "signature")}
        rows.append({"report_id": one.report_id, "sentences": len(one.masked), **arrays})
        if len(rows) == TOGETHER:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            rows.clear()
    writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _fingerprints(lake: Lake, reports: Mapping[str, Titled]) -> Iterator[Fingerprint]:
    registry = Registry.load()
    for report_id, text in lake.texts(TEXTS, "text", reports):
        report = reports[report_id]
        place = registry.township(report.township_code)
        names = (place.township, place.county, place.city, place.province)
        yield fingerprint(report_id, report.township_code, report.report_year, text, names)


def _pairs(kept: Path, standing: Mapping[str, Titled]) -> list[Copy]:
    """The near-identical pairs among the kept fingerprints."""
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not kept.exists():
        return []
    table = pq.read_table(kept, columns=["report_id", "sentences", "signature"])
    table = table.filter(pc.field("sentences") >= FEWEST).sort_by("report_id")
    ids: list[Any] = table.column("report_id").to_pylist()
    signed: list[Any] = table.column("signature").to_pylist()
    joined = b"".join(signed)
    signatures = np.frombuffer(joined, np.uint32).reshape(len(ids), -1) if ids else np.empty((0, 0), np.uint32)
    pairs = candidates(signatures, [standing[report_id][1:3] for report_id in ids])
    whole = _loaded(kept, {ids[place] for pair in pairs for place in pair}, standing)
    return near((whole[ids[i]], whole[ids[j]]) for i, j in pairs)


def _loaded(kept: Path, reports: Collection[str], standing: Mapping[str, Titled]) -> dict[str, Fingerprint]:
    """The whole fingerprints of some reports."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    types = {"masked": np.uint32, "exact": np.uint32, "figures": np.uint8, "signature": np.uint32}
    wanted = pa.array(sorted(reports), type=pa.string())
    found: dict[str, Fingerprint] = {}
    file = pq.ParquetFile(kept)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for row in table.filter(pc.is_in(table.column("report_id"), value_set=wanted)).to_pylist():
            report = standing[row["report_id"]]
            arrays: dict[str, Any] = {name: np.frombuffer(row[name], kind) for name, kind in types.items()}
            found[report.report_id] = Fingerprint(*report[:3], **arrays)
    return found


def _finding(pair: Copy, standing: dict[str, Titled], run_id: str) -> Finding:
    later, earlier = sorted(
        (standing[pair.report_id], standing[pair.other_id]), key=lambda report: (report.report_year, report.report_id)
    )[::-1]
    figures = "" if pair.figures is None else f"，其中的数字{pair.figures:.0%}相同"
    figures_en = "" if pair.figures is None else f", {pair.figures:.0%} of their figures"
    return Finding(
        run_id=run_id,
        severity="warning",
        check="copied_text",
        report_id=later.report_id,
        township_code=later.township_code,
        report_year=later.report_year,
        indicator=None,
        ordinal=None,
        message=f"{pair.sentences:.0%}的句子与报告 {earlier.report_id} 相同{figures}；请核对是否抄用。",
        message_en=f"{pair.sentences:.0%} of the sentences{figures_en} are those of {earlier.report_id}: copied?",
        evidence=f"{later.title}\n{earlier.report_id}: {earlier.title}",
    )
