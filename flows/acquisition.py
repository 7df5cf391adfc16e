"""Acquisition: the first step of a run: all sources that are known, the digest of all inputs, and what is to be done.

Sources stay in columns from the folder to the lake: a country has hundreds of thousands.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations import heap
from flows import sources
from flows.home import Home
from flows.migration import is_needed, migrate
from flows.parameters import Parameters
from flows.places import Places, expand, specs, within
from flows.seen import Seen
from flows.waiting import Waiting
from transforms.dictionary import Dictionary
from transforms.forms.ocr import is_available
from transforms.limits import DEFAULT
from transforms.registry import Registry
from transforms.rules import rules_digest, without_ocr
from warehouse import releases
from warehouse.contracts import REFUSALS, REPORTS, SOURCES, Refusal
from warehouse.lake import Lake


class Acquired:
    """What is known after the first step: every snapshot and where it was found, and the digest of all inputs.

    A plain class on purpose, as all that travels between steps, see ``flows/steps.py``.
    """

    def __init__(self, run_id: str, found: pa.Table, unfetched: Sequence[Refusal], parameters: Parameters) -> None:
        self.run_id, self.sources, self.unfetched, self.parameters = run_id, found, unfetched, parameters

    def let_go(self) -> None:
        """The sources are in the lake by now: they are held no longer, 0.1 GB of 400,000."""
        self.sources = self.sources.schema.empty_table()


def acquire(home: Home, parameters: Parameters) -> Acquired:
    """Bytes into the snapshot store; before it, a lake of an older version becomes one of this."""
    acquired = _acquire(home, parameters)
    heap.give_back()  # what 400,000 files leave free would stay while their documents are read: 0.27 GB
    return acquired


def _acquire(home: Home, parameters: Parameters) -> Acquired:
    for migrated in migrate(home):
        print(f"{migrated.table}: {migrated.what}", file=sys.stderr)
    places = places_of(home, parameters)
    store = home.store()
    with ExitStack() as opened:
        fetcher = None
        if not pc.all(places.local).as_py():
            from flows.fetching import Fetcher, Journal, Policy

            policy = Policy(allow_private=parameters.allow_private)
            fetcher = Fetcher(store, Journal(home.snapshots / "fetches.jsonl"), policy)
            opened.callback(fetcher.close)
        found = sources.acquire(places, store, fetcher, Seen(home.seen, DEFAULT))
    home.storage.save()
    return _acquired(home, found, parameters)


def places_of(home: Home, parameters: Parameters) -> Places:
    """The places where a run looks for reports.

    Raises:
        SourceError, SourceListError: as ``flows.places.expand``.
    """
    return within(expand(specs(home, parameters), Registry.load()), parameters.years)


def look(home: Home, parameters: Parameters, places: Places) -> Acquired | None:
    """What ``acquire`` would give, if that can be told without opening a file or asking for a page; else None."""
    if is_needed(home) or not pc.all(places.local).as_py():
        return None
    found, rest = sources.look(places, home.store(), Seen(home.seen, DEFAULT))
    del places
    return None if len(rest) else _acquired(home, found, parameters)


def is_done(home: Home, acquired: Acquired) -> bool:
    """Whether this very run has already published its release and written its report."""
    page = home.storage.bring(home.runs / acquired.run_id / "report.html")
    done = page.exists() and releases.current_run(home.root) == acquired.run_id
    # A lake of which a part was put aside (flows/migration.py) is filled again, though the release says nothing new.
    return done and not len(pending(Lake(home.lake), acquired.sources, rules_digest()))


def _acquired(home: Home, found: sources.Acquired, parameters: Parameters) -> Acquired:
    known = known_sources(Lake(home.lake), found.sources)
    run_id = _run_id(home, known, found.refusals, parameters)
    return Acquired(run_id, known, [row._replace(run_id=run_id) for row in found.refusals], parameters)


def known_sources(lake: Lake, found: pa.Table) -> pa.Table:
    """Every place where a snapshot was ever found: the lake's, with those of this run put over them."""
    new = _last_of_each(found)
    same = all(new.select([name]).equals(lake.read(SOURCES, columns=(name,))) for name in SOURCES.names)
    return new if same else _last_of_each(pa.concat_tables([lake.read(SOURCES), new]))


def _last_of_each(rows: pa.Table) -> pa.Table:
    """Sources in the order of their key; of those with one key the last."""
    order = pc.sort_indices(rows, sort_keys=[(key, "ascending") for key in SOURCES.key])  # which is stable
    rows = rows.take(order)
    beaten = _as_next(rows, SOURCES.key)
    return rows.filter(pc.invert(beaten)) if pc.any(beaten).as_py() else rows


def _as_next(rows: pa.Table, columns: Sequence[str]) -> Any:
    """Whether the next row has the same values in these columns."""
    if not rows.num_rows:
        return pa.array([], pa.bool_())
    pairs = [(values.slice(0, len(values) - 1), values.slice(1)) for values in rows.select(list(columns)).columns]
    same = [pc.equal(here, there).to_numpy() for here, there in pairs]
    return pa.array(np.append(np.logical_and.reduce(same), False))


def pending(lake: Lake, known: pa.Table, rules: str) -> Waiting:
    """The snapshots that these rules have not yet read or refused, each once, in the order of their digests."""
    accepted = pa.array([rules] if is_available() else [rules, without_ocr(rules)])
    digests = known["sha256"].combine_chunks()
    waiting = pa.array(np.ones(len(known), dtype=bool))
    for contract in (REPORTS, REFUSALS):
        table = lake.read(contract, columns=("sha256", "rules"))
        done = table["sha256"].filter(pc.is_in(table["rules"], value_set=accepted))
        waiting = pc.and_not(waiting, pc.is_in(digests, value_set=done))
    # Those of one digest stand together, and all of them wait or none does.
    same = _as_next(known, ("sha256",)).to_numpy(zero_copy_only=False)
    first = pa.array(np.append(True, ~same[:-1])[: len(same)])
    return Waiting(known, pc.indices_nonzero(pc.and_(waiting, first)))


def versions() -> dict[str, str]:
    """Versions of the code, the rules, the dictionary and the registry that decide what is read and published."""
    return {
        "version": version("nianbao"),
        "rules": rules_digest(),
        "dictionary": Dictionary.load().digest(),
        "registry": Registry.load().digest,
    }


def _run_id(home: Home, known: pa.Table, unfetched: Sequence[Refusal], parameters: Parameters) -> str:
    """Digest of everything that decides the release: the same inputs are the same run."""
    lost = sorted((row.source_uri, row.reason) for row in unfetched)
    inputs = (_digest(known), lost, *decisive(home, parameters))
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:12]


def decisive(home: Home, parameters: Parameters) -> tuple[Any, ...]:
    """What decides a release beside its sources, as JSON knows it."""
    corrections = home.corrections.read_bytes() if home.corrections.exists() else b""
    return (
        versions(),
        hashlib.sha256(corrections).hexdigest(),
        home.evaluation.read_text(encoding="ascii") if home.evaluation.exists() else "",
        (parameters.scope, parameters.years, parameters.accept),
        *(["ocr"] if is_available() else []),
    )


def _digest(known: pa.Table) -> str:
    """Digest of sources: what lies where, and what it is said to be; not when it was found.

    Parted by characters that stand in no address: whatever cannot be printed is escaped there or was left out.
    """
    total = hashlib.sha256()
    for batch in known.combine_chunks().to_batches(max_chunksize=10_000):  # an empty chunk would count
        year = batch["report_year"].cast(pa.string())
        told: list[Any] = [batch["sha256"], batch["source_uri"], batch["township_code"], year]
        rows: Any = pc.binary_join_element_wise(*told, "\x1f", null_handling="replace", null_replacement="")
        lines: Any = pc.binary_join(pa.ListArray.from_arrays([0, len(rows)], rows), "\x1e")
        total.update(lines[0].as_buffer())
        total.update(b"\x1e")
    return total.hexdigest()
