"""Copied: findings about reports that repeat one another under two townships or two years.

What is compared is kept beside the lake, so that a text is looked at once: its fingerprint follows from the text, the
names of its township and ``transforms/similarity.py``, and is made anew where one of these is another. A text is told
by its report and by the rules that read the document, since other rules, or OCR, may read another text. What two
fingerprints have in common is kept as well: of the pairs that agree in a signature, those are compared that no earlier
run compared. Of all reports only the signatures are held at once, and the sentences of some of those that are compared.
The fingerprints of a few late reports lie in a file beside the others' (``warehouse/late.py``).
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
    Agreement,
    Copy,
    Fingerprint,
    Hashes,
    Numbers,
    Sentences,
    agreement,
    candidates,
    fingerprint,
)
from warehouse import late
from warehouse.contracts import REPORTS, TEXTS, Finding
from warehouse.files import swap

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    from warehouse.lake import Lake

    Group = tuple[pq.ParquetFile, int]

TOGETHER = 1000
"""Fingerprints that are written, and findings that are told, at once."""
HELD = 25_000
"""Reports of which two parts' sentences are held at once, about 0.7 KB each: pairs are compared part by part."""
TOLD = 200_000
"""Pairs whose reports' ids are read at once."""
COMPARED = 2_000
"""Pairs that are compared at once, about 10 KB each."""
PARTS = ("masked", "exact", "figures")
PAIR = ("report_id", "other_id")


class Titled(NamedTuple):
    """A report that stands, as far as a finding names it."""

    report_id: str
    """Here and in the files, what tells its text: the report's id and, behind a blank, the rules that read it."""
    township_code: str
    report_year: int
    title: str

    @property
    def id(self) -> str:
        """The report's own id."""
        return self.report_id.partition(" ")[0]


def copied_texts(lake: Lake, kept: Path, run_id: str) -> Iterator[list[Finding]]:
    """A warning for each pair of near-identical published reports, with what share of them agrees; some at a time.

    Args:
        lake: The lake with reports and texts.
        kept: The file with the fingerprints of earlier runs; it is brought up to date.
        run_id: The run that finds.
    """
    import numpy as np

    standing = _standing(lake)
    _bring_up_to_date(lake, kept, standing)
    pairs = _pairs(kept, standing)
    places = [_places(pairs[name], standing["report_id"]) for name in PAIR] if pairs.num_rows else []
    for first in range(0, pairs.num_rows, TOGETHER):
        some = [Copy(**row) for row in pairs.slice(first, TOGETHER).to_pylist()]
        titled = _titled(standing.take(np.unique([of[first : first + TOGETHER] for of in places])))
        yield [_finding(pair, titled, run_id) for pair in some]


def _standing(lake: Lake) -> pa.Table:
    """The reports that stand, in the order of their ids; columns of ``Titled``."""
    import pyarrow.compute as pc

    reports = lake.read(REPORTS, columns=(*Titled._fields, "status", "rules"))
    reports = reports.filter(pc.field("status") == "published")
    read_by: Any = pc.replace_substring_regex(reports["rules"], "-[0-9a-f]{8}", "")  # but for what takes figures
    told: Any = pc.binary_join_element_wise(reports["report_id"], read_by, " ")
    return reports.set_column(0, "report_id", told).select(Titled._fields).sort_by("report_id")


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
    """Leave in the file, or beside it, the fingerprints of the reports that stand, those of new ones made."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    binary = [(name, pa.binary()) for name in (*PARTS, "signature")]
    basis = digest_files((Path(similarity.__file__),)) + Registry.load().digest
    columns: list[tuple[str, pa.DataType]] = [("report_id", pa.string()), ("sentences", pa.int32()), *binary]
    schema = pa.schema(columns, {"basis": basis})
    holds = kept.exists() and pq.read_schema(kept).equals(schema, check_metadata=True)
    files = late.files(kept) if holds else []
    known = _known(files)
    new = standing.filter(pc.invert(_among(standing, known)))
    if not new.num_rows and len(known) == standing.num_rows:
        return
    path = kept
    nobody = pa.array([], pa.string())
    if holds and late.is_for(kept, new.num_rows, nobody, standing["report_id"].combine_chunks()):
        path, files, schema = late.path_of(kept), files[1:], schema.with_metadata(late.belonging_to(kept))
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    groups, stays = _groups(files), _places(_known(files), standing["report_id"]) >= 0
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for (file, group), mask in zip(groups, _by_group(groups, stays), strict=True):
            if mask.any():
                writer.write_table(file.read_row_group(group).filter(pa.array(mask)).cast(schema))
        _write_new(writer, schema, lake, new)
    swap(beside, path)
    if path == kept:
        late.path_of(kept).unlink(missing_ok=True)


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
    years: set[Any] = set(new["report_year"].to_pylist())
    for year in sorted(years):
        reports = _titled(new.filter(pc.field("report_year") == year))
        by_id = {report.id: report for report in reports.values()}
        for report_id, text in lake.texts(TEXTS, "text", by_id, year):
            report = by_id[report_id]
            place = registry.township(report.township_code)
            names = (place.township, place.county, place.city, place.province)
            yield fingerprint(report.report_id, report.township_code, year, text, names)


def _pairs(kept: Path, standing: pa.Table) -> pa.Table:
    """The near-identical pairs among the kept fingerprints, the greatest agreement first; columns of ``Copy``."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not kept.exists():
        return pa.table({})
    table = pa.concat_tables([pq.read_table(file, columns=["report_id", "sentences"]) for file in late.files(kept)])
    long = table.filter(pc.field("sentences") >= FEWEST)["report_id"]
    standing = standing.filter(_among(standing, long))
    places: Any = standing.select(["township_code", "report_year"])
    parts: list[Any] = [places["township_code"], places["report_year"].cast(pa.string()), "-"]
    named: Any = pc.binary_join_element_wise(*parts).combine_chunks().dictionary_encode()
    numbers: Any = named.indices.to_numpy()  # two reports are of one place if their numbers are the same
    pairs = candidates(_signatures(kept, standing["report_id"]), numbers)
    path = kept.with_name("compared.parquet")
    _compare(kept, path, standing, pairs)
    near: Any = pq.read_table(path, filters=pc.field("sentences") >= LEAST)
    near = near.append_column("alike", pc.fill_null(near["figures"], 0.0))
    order = [("sentences", "descending"), ("alike", "descending"), *((one, "ascending") for one in PAIR)]
    ranked: pa.Table = near.sort_by(order).drop_columns("alike")
    return ranked


def _compare(kept: Path, path: Path, standing: pa.Table, pairs: Numbers) -> None:
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
    count = standing.num_rows
    told = np.empty(0, np.int64)
    for batch in old.iter_batches(TOLD, columns=[*PAIR]) if old is not None else ():
        one, other = (_places(batch[name], standing["report_id"]) for name in PAIR)
        told = np.append(told, _numbers(one, other, count))
    numbers = _numbers(pairs[:, 0], pairs[:, 1], count)
    stays, fresh = _among_sorted(told, numbers), pairs[~_among_sorted(numbers, np.sort(told))]
    if old is not None and not len(fresh) and stays.all():
        return
    beside = path.with_name(path.name + ".tmp")
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        groups = _groups([] if old is None else [path])
        for (file, group), mask in zip(groups, _by_group(groups, stays), strict=True):
            if mask.any():
                writer.write_table(file.read_row_group(group).filter(pa.array(mask)).cast(schema))
        for some, agreed in _compared(kept, standing["report_id"], fresh):
            ids = standing["report_id"]
            share: Any = pa.array(agreed.same / np.maximum(agreed.figures, 1), mask=agreed.figures == 0)
            parts: list[Any] = [ids.take(some[:, 0]), ids.take(some[:, 1]), agreed.common / agreed.of, share]
            parts += [agreed.common, agreed.of]
            writer.write_table(pa.table(parts, schema=schema))
    swap(beside, path)


def _known(files: Sequence[Path]) -> pa.ChunkedArray[Any]:
    """The reports of which files have the fingerprints, in their order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chunks = [pq.read_table(file, columns=["report_id"])["report_id"].chunks for file in files]
    return pa.chunked_array([chunk for some in chunks for chunk in some], pa.string())


def _groups(files: Sequence[Path]) -> list[Group]:
    """The row groups of files, one after the other."""
    import pyarrow.parquet as pq

    return [(file, group) for file in map(pq.ParquetFile, files) for group in range(file.num_row_groups)]


def _by_group(groups: Sequence[Group], values: NDArray[Any]) -> list[NDArray[Any]]:
    """A value of each row, by the row groups."""
    import numpy as np

    return np.split(values, np.cumsum(_sizes(groups))[:-1]) if groups else []


def _sizes(groups: Sequence[Group]) -> list[int]:
    return [file.metadata.row_group(group).num_rows for file, group in groups]


def _places(reports: pa.Array[Any] | pa.ChunkedArray[Any], among: pa.ChunkedArray[Any]) -> Numbers:
    """The place of each report among others; -1 where it is none of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at: Any = pc.index_in(reports, value_set=among.combine_chunks())
    found: Numbers = pc.fill_null(at, -1).cast(pa.int64()).to_numpy()
    return found


def _among_sorted(some: Numbers, numbers: Numbers) -> NDArray[Any]:
    """Whether each number is one of others, which are in order: their sorting is what takes ``np.isin`` its time."""
    import numpy as np

    if not len(numbers):
        return np.zeros(len(some), bool)
    at = np.minimum(np.searchsorted(numbers, some), len(numbers) - 1)
    found: NDArray[Any] = numbers[at] == some
    return found


def _numbers(one: Numbers, other: Numbers, count: int) -> Numbers:
    """A number for each pair of places; -1 where one is none."""
    import numpy as np

    return np.where((one < 0) | (other < 0), -1, one * count + other)


def _signatures(kept: Path, reports: pa.ChunkedArray[Any]) -> Hashes:
    """The signatures of these reports, in their order."""
    import numpy as np

    found = np.empty((len(reports), BANDS * ROWS), np.uint32)
    files = late.files(kept)
    groups, places = _groups(files), _places(_known(files), reports)
    for (file, group), at in zip(groups, _by_group(groups, places), strict=True):
        signed: list[Any] = file.read_row_group(group, columns=["signature"])["signature"].to_pylist()
        rows = np.frombuffer(b"".join(signed), np.uint32).reshape(len(at), BANDS * ROWS)
        found[at[at >= 0]] = rows[at >= 0]
    return found


def _compared(kept: Path, reports: pa.ChunkedArray[Any], pairs: Numbers) -> Iterator[tuple[Numbers, Agreement]]:
    """Pairs of places among the reports and what they have in common, those of the same parts of the file together."""
    import numpy as np

    files = late.files(kept)
    row_groups, rows = _groups(files), _places(reports, _known(files))[pairs]
    sizes = _sizes(row_groups)
    group_of_row = np.repeat(np.arange(len(sizes)), sizes)
    part_of_row = np.repeat((np.cumsum(sizes) - sizes) // HELD, sizes)
    parts = np.sort(part_of_row[rows], axis=1)
    for low, high in np.unique(parts, axis=0).tolist():
        among = np.flatnonzero((parts == (low, high)).all(axis=1))
        groups = np.unique(group_of_row[rows[among]])  # of a few pairs they are a few of two parts'
        held = np.flatnonzero(np.isin(group_of_row, groups))
        sentences = _sentences([row_groups[group] for group in groups.tolist()])
        agreed = [agreement(sentences, np.searchsorted(held, some)) for some in _cut(rows[among])]
        yield pairs[among], Agreement(*map(np.concatenate, zip(*agreed, strict=True)))


def _cut(pairs: Numbers) -> Iterator[Numbers]:
    return (pairs[first : first + COMPARED] for first in range(0, len(pairs), COMPARED))


def _sentences(groups: Sequence[Group]) -> Sentences:
    """The sentences of the reports of some row groups of the kept fingerprints."""
    import numpy as np
    import pyarrow as pa

    tables = [file.read_row_group(group, columns=["sentences", *PARTS]) for file, group in groups]
    table: Any = pa.concat_tables(tables)
    masked, exact, figures = (b"".join(table[name].to_pylist()) for name in PARTS)
    bounds = np.cumsum([0, *table["sentences"].to_pylist()])
    return Sentences(
        bounds, np.frombuffer(masked, np.uint32), np.frombuffer(exact, np.uint32), np.frombuffer(figures, np.uint8)
    )


def _finding(pair: Copy, standing: Mapping[str, Titled], run_id: str) -> Finding:
    later, earlier = sorted(
        (standing[pair.report_id], standing[pair.other_id]), key=lambda report: (report.report_year, report.id)
    )[::-1]
    figures = "" if pair.figures is None else f"，其中的数字{pair.figures:.0%}相同"
    figures_en = "" if pair.figures is None else f", {pair.figures:.0%} of their figures"
    return Finding(
        run_id=run_id,
        severity="warning",
        check="copied_text",
        report_id=later.id,
        township_code=later.township_code,
        report_year=later.report_year,
        indicator=None,
        ordinal=None,
        message=f"{pair.sentences:.0%}的句子与报告 {earlier.id} 相同{figures}；请核对是否抄用。",
        message_en=f"{pair.sentences:.0%} of the sentences{figures_en} are those of {earlier.id}: copied?",
        evidence=f"{later.title}\n{earlier.id}: {earlier.title}",
    )
