"""Copied: findings about reports that repeat one another under two townships or two years.

What is compared is kept beside the lake, so that a text is looked at once: its fingerprint follows from the text, the
names of its township and ``transforms/similarity.py``, and is made anew where one of these is another. What two
fingerprints have in common is kept as well: of the pairs that agree in a signature, those are compared that no earlier
run compared. Of all reports only the signatures are held at once, and the rest of some of those that are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms import similarity
from transforms.registry import Registry
from transforms.rules import digest_files
from transforms.similarity import (
    BANDS,
    FEWEST,
    LEAST,
    ROWS,
    Copy,
    Fingerprint,
    Hashes,
    candidates,
    compare,
    fingerprint,
    ranked,
)
from warehouse.contracts import REPORTS, TEXTS, Finding
from warehouse.files import swap

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    from warehouse.lake import Lake

TOGETHER = 1000
"""Fingerprints that are written, and findings that are told, at once."""
COMPARED = 10_000
"""Pairs whose fingerprints are held at once, about 1 KB each."""
PARTS = ("masked", "exact", "figures")
PAIR = ("report_id", "other_id")


class Titled(NamedTuple):
    """A report that stands, as far as a finding names it."""

    report_id: str
    township_code: str
    report_year: int
    title: str


def copied_texts(lake: Lake, kept: Path, run_id: str) -> Iterator[list[Finding]]:
    """A warning for each pair of near-identical published reports, with what share of them agrees; some at a time.

    Args:
        lake: The lake with reports and texts.
        kept: The file with the fingerprints of earlier runs; it is brought up to date.
        run_id: The run that finds.
    """
    standing = _standing(lake)
    _bring_up_to_date(lake, kept, standing)
    pairs = _pairs(kept, standing)
    for first in range(0, len(pairs), TOGETHER):
        some = pairs[first : first + TOGETHER]
        of = {one for pair in some for one in (pair.report_id, pair.other_id)}
        titled = _titled(standing.filter(_among(standing, of)))
        yield [_finding(pair, titled, run_id) for pair in some]


def _standing(lake: Lake) -> pa.Table:
    """The reports that stand, in the order of their ids; columns of ``Titled``."""
    import pyarrow.compute as pc

    reports = lake.read(REPORTS, columns=(*Titled._fields, "status"))
    return reports.filter(pc.field("status") == "published").select(Titled._fields).sort_by("report_id")


def _titled(reports: pa.Table) -> dict[str, Titled]:
    """Reports by id, in their order."""
    return {row[0]: Titled(*row) for row in zip(*reports.to_pydict().values(), strict=True)}


def _among(table: pa.Table, reports: Collection[str] | pa.ChunkedArray[Any]) -> Any:
    """Whether each row is of one of these reports."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted: Any = (
        pa.array(sorted(reports), pa.string()) if isinstance(reports, Collection) else reports.combine_chunks()
    )
    return pc.is_in(table["report_id"], value_set=wanted)


def _bring_up_to_date(lake: Lake, kept: Path, standing: pa.Table) -> None:
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
    known: Any = pa.chunked_array([], pa.string()) if old is None else old.read(columns=["report_id"])["report_id"]
    new = standing.filter(pc.invert(_among(standing, known)))
    if not new.num_rows and len(known) == standing.num_rows:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_name(kept.name + ".tmp")
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for group in range(old.num_row_groups if old is not None else 0):
            table = old.read_row_group(group) if old is not None else schema.empty_table()
            writer.write_table(table.filter(_among(table, standing["report_id"])).cast(schema))
        _write_new(writer, schema, lake, new)
    swap(beside, kept)


def _write_new(writer: pq.ParquetWriter, schema: pa.Schema, lake: Lake, new: pa.Table) -> None:
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    for one in _fingerprints(lake, new):
        arrays = {name: getattr(one, name).tobytes() for name in (*PARTS, "signature")}
        rows.append({"report_id": one.report_id, "sentences": len(one.masked), **arrays})
        if len(rows) == TOGETHER:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            rows.clear()
    writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _fingerprints(lake: Lake, new: pa.Table) -> Iterator[Fingerprint]:
    import pyarrow.compute as pc

    registry = Registry.load()
    for year in lake.years(TEXTS):
        reports = _titled(new.filter(pc.field("report_year") == year))
        for report_id, text in lake.texts(TEXTS, "text", reports, year):
            report = reports[report_id]
            place = registry.township(report.township_code)
            names = (place.township, place.county, place.city, place.province)
            yield fingerprint(report_id, report.township_code, year, text, names)


def _pairs(kept: Path, standing: pa.Table) -> list[Copy]:
    """The near-identical pairs among the kept fingerprints."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not kept.exists():
        return []
    table = pq.read_table(kept, columns=["report_id", "sentences"])
    long = table.filter(pc.field("sentences") >= FEWEST)["report_id"]
    standing = standing.filter(_among(standing, long))
    places: Any = standing.select(["township_code", "report_year"])
    parts: list[Any] = [places["township_code"], places["report_year"].cast(pa.string()), "-"]
    named: Any = pc.binary_join_element_wise(*parts).combine_chunks().dictionary_encode()
    numbers: Any = named.indices.to_numpy()  # two reports are of one place if their numbers are the same
    pairs = candidates(_signatures(kept, standing["report_id"]), numbers)
    path = kept.with_name("compared.parquet")
    _compare(kept, path, standing, pairs)
    near = pq.read_table(path, filters=pc.field("sentences") >= LEAST)
    return ranked(Copy(**row) for row in near.to_pylist())


def _compare(kept: Path, path: Path, standing: pa.Table, pairs: Sequence[tuple[int, int]]) -> None:
    """Leave in a file what the pairs (places among the reports that stand) have in common, each compared once.

    It follows from their fingerprints, of which one basis has one of each report.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts, shares, counts = dict.fromkeys(PAIR, pa.string()), ("sentences", "figures"), ("common", "of")
    types = texts | dict.fromkeys(shares, pa.float64()) | dict.fromkeys(counts, pa.int64())
    schema = pa.schema(list(types.items()), {"basis": (pq.read_schema(kept).metadata or {})[b"basis"]})
    old = pq.ParquetFile(path) if path.exists() else None
    if old is not None and not old.schema_arrow.equals(schema, check_metadata=True):
        old = None
    groups = [] if old is None else [old.read_row_group(at, columns=[*PAIR]) for at in range(old.num_row_groups)]
    count = standing.num_rows
    told = [_numbers(_places(one[PAIR[0]], standing), _places(one[PAIR[1]], standing), count) for one in groups]
    wanted = np.array(pairs, np.int64).reshape(-1, 2)
    numbers = _numbers(wanted[:, 0], wanted[:, 1], count)
    stays = [np.isin(some, numbers) for some in told]
    fresh = wanted[~np.isin(numbers, np.concatenate([*told, np.empty(0, np.int64)]))]
    if old is not None and not len(fresh) and all(some.all() for some in stays):
        return
    beside = path.with_name(path.name + ".tmp")
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for group, mask in enumerate(stays):
            if old is not None and mask.any():
                writer.write_table(old.read_row_group(group).filter(pa.array(mask)).cast(schema))
        for first in range(0, len(fresh), COMPARED):
            some = _whole(kept, standing, fresh[first : first + COMPARED].tolist())
            rows = [compare(one, other)._asdict() for one, other in some]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    swap(beside, path)


def _places(reports: pa.ChunkedArray[Any], standing: pa.Table) -> NDArray[np.int64]:
    """The place of each report among those that stand; -1 where it is none of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at: Any = pc.index_in(reports, value_set=standing["report_id"].combine_chunks())
    found: NDArray[np.int64] = pc.fill_null(at, -1).cast(pa.int64()).to_numpy()
    return found


def _numbers(one: NDArray[np.int64], other: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A number for each pair of places; -1 where one is none."""
    import numpy as np

    return np.where((one < 0) | (other < 0), -1, one * count + other)


def _signatures(kept: Path, reports: pa.ChunkedArray[Any]) -> Hashes:
    """The signatures of these reports, in their order."""
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = np.empty((len(reports), BANDS * ROWS), np.uint32)
    file = pq.ParquetFile(kept)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=["report_id", "signature"])
        at: Any = pc.index_in(table["report_id"], value_set=reports.combine_chunks())
        signed: list[Any] = table["signature"].filter(pc.is_valid(at)).to_pylist()
        rows = pc.drop_null(at).to_numpy()
        found[rows] = np.frombuffer(b"".join(signed), np.uint32).reshape(len(rows), BANDS * ROWS)
    return found


def _whole(
    kept: Path, standing: pa.Table, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[Fingerprint, Fingerprint]]:
    """Pairs of places as pairs of fingerprints, of which those of ``COMPARED`` pairs are held at once."""
    for first in range(0, len(pairs), COMPARED):
        some = pairs[first : first + COMPARED]
        places = sorted({place for pair in some for place in pair})
        whole = dict(zip(places, _loaded(kept, standing.take(places)), strict=True))
        yield from ((whole[i], whole[j]) for i, j in some)


def _loaded(kept: Path, reports: pa.Table) -> list[Fingerprint]:
    """The whole fingerprints of some reports, in their order."""
    import numpy as np
    import pyarrow.parquet as pq

    types = {"masked": np.uint32, "exact": np.uint32, "figures": np.uint8, "signature": np.uint32}
    titled = _titled(reports)
    found: dict[str, Fingerprint] = {}
    file = pq.ParquetFile(kept)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for row in table.filter(_among(table, reports["report_id"])).to_pylist():
            arrays: dict[str, Any] = {name: np.frombuffer(row[name], kind) for name, kind in types.items()}
            found[row["report_id"]] = Fingerprint(*titled[row["report_id"]][:3], **arrays)
    return [found[report_id] for report_id in titled]


def _finding(pair: Copy, standing: Mapping[str, Titled], run_id: str) -> Finding:
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
