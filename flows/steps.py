"""Steps: what the tasks of the annual flow do, each by calling the module named for what it makes.

The values that travel between steps are plain classes on purpose: Prefect looks into every list, tuple and dataclass
that a task is given, which for 400,000 sources costs more than the work.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from flows import batches, sources
from flows.home import Home
from flows.parameters import Outcome, Parameters
from flows.reconciliation import known_sources, pending, reconcile
from seeds import SEEDS
from transforms.dictionary import Dictionary
from transforms.registry import Registry
from transforms.rules import rules_digest
from warehouse.contracts import Refusal, Source
from warehouse.lake import Lake
from warehouse.snapshots import SnapshotStore

if TYPE_CHECKING:
    import pyarrow as pa


class Acquired:
    """What is known after the first step: every snapshot and where it was found, and the digest of all inputs."""

    def __init__(
        self, run_id: str, found: Sequence[Source], unfetched: Sequence[Refusal], parameters: Parameters
    ) -> None:
        self.run_id = run_id
        self.sources = found
        self.unfetched = unfetched
        self.parameters = parameters


def acquire(home: Home, parameters: Parameters) -> Acquired:
    """Step 1: bytes into the snapshot store."""
    specs = parameters.sources or (str(SEEDS / "reports"),)
    acquired = sources.acquire(sources.expand(specs), SnapshotStore(home.snapshots))
    known = known_sources(Lake(home.lake), acquired.sources)
    run_id = _run_id(home, known, acquired.refusals, parameters)
    unfetched = [refusal._replace(run_id=run_id) for refusal in acquired.refusals]
    return Acquired(run_id, known, unfetched, parameters)


def _run_id(home: Home, found: Sequence[Source], unfetched: Sequence[Refusal], parameters: Parameters) -> str:
    """Digest of everything that decides the release: the same inputs are the same run."""
    corrections = home.corrections.read_bytes() if home.corrections.exists() else b""
    inputs = (
        [(row.sha256, row.source_uri, row.township_code, row.report_year) for row in found],
        [(row.source_uri, row.reason) for row in unfetched],
        versions(),
        hashlib.sha256(corrections).hexdigest(),
        (parameters.scope, parameters.years, parameters.accept),
    )
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:12]


def versions() -> dict[str, str]:
    """Versions of the code, the rules, the dictionary and the registry that decide what is read and published."""
    return {
        "nianbao": version("nianbao"),
        "rules": rules_digest(),
        "dictionary": Dictionary.load().digest(),
        "registry": Registry.load().digest,
    }
